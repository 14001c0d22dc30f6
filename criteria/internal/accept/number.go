package accept

import (
	"bytes"
	"math/big"
	"math/bits"

	"github.com/medibloc/pdx/criteria/internal/canonical"
)

// decimal is a number of a record without an exponent: units × 10^-scale.
type decimal struct {
	units    uint64
	scale    int
	negative bool
}

// maxDigits are those of a decimal, so that units and powers of ten fit into 64 bits.
const maxDigits = 18

var powers = func() (of [maxDigits + 1]uint64) {
	of[0] = 1
	for i := 1; i < len(of); i++ {
		of[i] = 10 * of[i-1]
	}
	return of
}()

// decimalOf reads the text of a number; small is false for those that do not fit.
func decimalOf(raw []byte) (d decimal, small bool) {
	digits := 0
	for _, c := range raw {
		switch {
		case c >= '0' && c <= '9':
			d.units = 10*d.units + uint64(c-'0')
			if digits++; digits > maxDigits {
				return decimal{}, false
			}
			d.scale++
		case c == '-':
			d.negative = true
		case c == '.':
			d.scale = 0
		default:
			return decimal{}, false
		}
	}
	if bytes.IndexByte(raw, '.') < 0 {
		d.scale = 0
	}
	d.negative = d.negative && d.units != 0
	return d, true
}

func newBound(exact *big.Rat) *bound {
	if exact == nil {
		return nil
	}
	b := &bound{exact: exact, negative: exact.Sign() < 0}
	num := new(big.Int).Abs(exact.Num())
	if b.small = num.IsUint64() && exact.Denom().IsUint64(); b.small {
		b.num, b.den = num.Uint64(), exact.Denom().Uint64()
	}
	return b
}

// compare is the sign of d - b.
func (d decimal) compare(b *bound) int {
	if d.negative != b.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	high, low := bits.Mul64(d.units, b.den)
	otherHigh, otherLow := bits.Mul64(b.num, powers[d.scale])
	sign := 0
	switch {
	case high > otherHigh || high == otherHigh && low > otherLow:
		sign = 1
	case high < otherHigh || low < otherLow:
		sign = -1
	}
	if d.negative {
		return -sign
	}
	return sign
}

// multiple reports whether d is a multiple of b; known is false if that takes more bits.
func (d decimal) multiple(b *bound) (is, known bool) {
	high, low := bits.Mul64(d.units, b.den)
	otherHigh, otherLow := bits.Mul64(b.num, powers[d.scale])
	if high != 0 || otherHigh != 0 || otherLow == 0 {
		return false, false
	}
	return low%otherLow == 0, true
}

// holds reports whether a number of a record keeps the bounds.
func (n *number) holds(raw []byte) bool {
	d, small := decimalOf(raw)
	var exact *big.Rat
	compare := func(b *bound) int {
		if small && b.small {
			return d.compare(b)
		}
		if exact == nil {
			exact, _ = new(big.Rat).SetString(string(raw)) // the scanner has checked it
		}
		return exact.Cmp(b.exact)
	}
	if n.minimum != nil && compare(n.minimum) < 0 || n.maximum != nil && compare(n.maximum) > 0 ||
		n.above != nil && compare(n.above) <= 0 || n.below != nil && compare(n.below) >= 0 {
		return false
	}
	if n.multipleOf == nil {
		return true
	}
	if small && n.multipleOf.small {
		if is, known := d.multiple(n.multipleOf); known {
			return is
		}
	}
	value, ok := new(big.Rat).SetString(string(raw))
	return ok && new(big.Rat).Quo(value, n.multipleOf.exact).IsInt()
}

// whole reports whether a number has no fraction, however it is written.
func whole(raw []byte) bool {
	if bytes.IndexByte(raw, '.') < 0 && bytes.IndexByte(raw, 'e') < 0 && bytes.IndexByte(raw, 'E') < 0 {
		return true
	}
	digits, exponent, _ := canonical.Decimal(string(raw))
	return digits == "" || exponent >= 0
}
