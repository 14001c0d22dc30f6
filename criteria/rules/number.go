package rules

import (
	"math/big"
	"strconv"

	"github.com/medibloc/pdx/criteria/internal/canonical"
)

// number is an exact number: m × 10^e, or a fraction.
type number struct {
	m    int64 // less than 10^18 in size
	e    int
	frac *big.Rat // used instead, if there is one
}

// shortDigits is how many digits an int64 has for sure.
const shortDigits = 18

func whole(n int) number { return number{m: int64(n)} }

// parseNumber reads a number of JSON.
func parseNumber(text string) number {
	digits, e, negative := canonical.Decimal(text)
	if digits == "" {
		return number{}
	}
	if len(digits) > shortDigits {
		frac, _ := new(big.Rat).SetString(text)
		return number{frac: frac}
	}
	m, _ := strconv.ParseInt(digits, 10, 64)
	if negative {
		m = -m
	}
	return number{m: m, e: e}
}

// rat returns n as a fraction, which must not be changed.
func (n number) rat() *big.Rat {
	if n.frac != nil {
		return n.frac
	}
	if n.e == 0 {
		return new(big.Rat).SetInt64(n.m)
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n.e, -n.e))), nil)
	if n.e < 0 {
		return new(big.Rat).SetFrac(big.NewInt(n.m), power)
	}
	return new(big.Rat).SetInt(power.Mul(power, big.NewInt(n.m)))
}

// bits is about the size of n.
func (n number) bits() int {
	if n.frac != nil {
		return n.frac.Num().BitLen() + n.frac.Denom().BitLen()
	}
	return 64 + 4*max(n.e, -n.e)
}

// fits reports whether n is within maxNumberBits.
func (n number) fits() bool {
	return n.frac == nil || n.frac.Num().BitLen() <= maxNumberBits && n.frac.Denom().BitLen() <= maxNumberBits
}

func (n number) compare(other number) int {
	if n.frac == nil && other.frac == nil && n.e == other.e {
		switch {
		case n.m < other.m:
			return -1
		case n.m > other.m:
			return 1
		}
		return 0
	}
	return n.rat().Cmp(other.rat())
}

func (n number) zero() bool { return n.frac == nil && n.m == 0 || n.frac != nil && n.frac.Sign() == 0 }

// small returns a whole number that fits an int.
func (n number) small() (i int, ok bool) {
	frac := n.rat()
	if !frac.IsInt() || frac.Num().BitLen() > 31 {
		return 0, false
	}
	return int(frac.Num().Int64()), true
}

// String returns n as people write it: as a decimal, or as a fraction with a slash where
// no decimal is exact.
func (n number) String() string {
	frac := n.rat()
	if frac.IsInt() {
		return frac.Num().String()
	}
	if digits, exact := frac.FloatPrec(); exact {
		return frac.FloatString(digits)
	}
	return frac.String()
}

// calculate returns a op b, unless it divides by zero or the result is too large.
func calculate(op string, a, b number) (result number, ok bool) {
	if a.frac == nil && b.frac == nil && a.e == b.e && op != opMultiply && op != opDivide {
		m := a.m + b.m // both are less than 10^18
		if op == opSubtract {
			m = a.m - b.m
		}
		if n := (number{m: m, e: a.e}); max(m, -m) < 1e18 {
			return n, true
		}
	}
	frac, x, y := new(big.Rat), a.rat(), b.rat()
	switch op {
	case opAdd:
		frac.Add(x, y)
	case opSubtract:
		frac.Sub(x, y)
	case opMultiply:
		frac.Mul(x, y)
	default:
		if y.Sign() == 0 {
			return number{}, false
		}
		frac.Quo(x, y)
	}
	result = number{frac: frac}
	return result, result.fits()
}
