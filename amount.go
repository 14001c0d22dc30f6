package pdx

import (
	"fmt"
	"math"
	"math/big"
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

// What ParseAmount says of amounts that are written as they should be.
var (
	// ErrAmountSmall: the amount is not a whole number of umed.
	ErrAmountSmall = fmt.Errorf("%w: there is no less than 1umed, which is 0.000001MED", ErrInvalid)
	// ErrAmountLarge: the amount does not fit into 64 bits.
	ErrAmountLarge = fmt.Errorf("%w: the largest amount is %v", ErrInvalid, Amount(math.MaxUint64))
	errNoAmount    = fmt.Errorf("%w: write it like 1000000umed or 1.5MED; no other denomination is taken", ErrInvalid)
)

// ParseAmount reads "1000000umed" or "1.5MED". The error is ErrAmountSmall or
// ErrAmountLarge, or ErrInvalid for a number without a denomination and for any
// other denomination.
func ParseAmount(s string) (a Amount, err error) {
	if digits, ok := strings.CutSuffix(s, Denom); ok {
		a, err = parseDecimal(digits, 1)
	} else if digits, ok := strings.CutSuffix(s, "MED"); ok {
		a, err = parseDecimal(strings.TrimSpace(digits), umedPerMED)
	} else {
		err = errNoAmount
	}
	if err != nil {
		return 0, fmt.Errorf("amount %q: %w", s, err)
	}
	return a, nil
}

// maxDigits bounds what is read as a number: no amount needs more, and zeroes cost
// time.
const maxDigits = 64

// parseDecimal reads digits with or without a fraction, in units of that many umed.
func parseDecimal(digits string, unit uint64) (Amount, error) {
	whole, part, _ := strings.Cut(digits, ".")
	if whole == "" || len(digits) > maxDigits || strings.Trim(whole+part, "0123456789") != "" {
		return 0, errNoAmount
	}
	umed, _ := new(big.Rat).SetString(whole + "." + part + "0")
	umed.Mul(umed, new(big.Rat).SetInt(new(big.Int).SetUint64(unit)))
	switch {
	case !umed.IsInt():
		return 0, ErrAmountSmall
	case !umed.Num().IsUint64():
		return 0, ErrAmountLarge
	}
	return Amount(umed.Num().Uint64()), nil
}
