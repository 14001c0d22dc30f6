package pdx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Amount is money in umed, the only denomination of the exchange; 1 MED is
// 1,000,000 umed.
type Amount uint64

// Denom is the denomination of every Amount.
const Denom = "umed"

const umedPerMED = 1_000_000

// String is the amount as the chain writes it, for example "1500000umed".
func (a Amount) String() string { return strconv.FormatUint(uint64(a), 10) + Denom }

// MED is the amount for people: "1.5 MED".
func (a Amount) MED() string {
	whole, part := uint64(a)/umedPerMED, uint64(a)%umedPerMED
	text := strings.TrimRight(fmt.Sprintf("%d.%06d", whole, part), "0")
	return strings.TrimSuffix(text, ".") + " MED"
}

// Times is a × n, or ErrInvalid when that does not fit.
func (a Amount) Times(n uint64) (Amount, error) {
	if a != 0 && n > math.MaxUint64/uint64(a) {
		return 0, fmt.Errorf("%w: %v × %d is more than the chain can hold", ErrInvalid, a, n)
	}
	return a * Amount(n), nil
}

// ParseAmount reads "1000000umed" or "1.5MED"; a number without a denomination
// and any other denomination are ErrInvalid.
func ParseAmount(s string) (Amount, error) {
	if digits, ok := strings.CutSuffix(s, Denom); ok {
		n, err := strconv.ParseUint(digits, 10, 64)
		if err == nil {
			return Amount(n), nil
		}
	} else if digits, ok := strings.CutSuffix(s, "MED"); ok {
		if a, ok := parseMED(strings.TrimSpace(digits)); ok {
			return a, nil
		}
	}
	return 0, fmt.Errorf("amount %q: %w: write it like 1000000umed or 1.5MED; no other denomination is taken", s, ErrInvalid)
}

func parseMED(digits string) (Amount, bool) {
	whole, part, _ := strings.Cut(digits, ".")
	if len(part) > 6 || strings.HasPrefix(part, "+") || strings.HasPrefix(part, "-") {
		return 0, false
	}
	w, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || w >= math.MaxUint64/umedPerMED {
		return 0, false
	}
	p, err := strconv.ParseUint((part + "000000")[:6], 10, 64)
	return Amount(w*umedPerMED + p), err == nil
}
