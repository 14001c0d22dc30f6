package criteria

import (
	"math/bits"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// unevaluated are the members or elements of a value that no keyword has
// evaluated, by their number. A nil one is empty.
type unevaluated struct {
	bits []uint64
	n    int
}

// unevaluatedOf is all of v that r does not evaluate for certain, if the schema
// itself or the one that refers to it asks.
func (e *evaluator) unevaluatedOf(r *rule, v strict.Value, needed bool) *unevaluated {
	from := 0
	switch v.Kind() {
	case '{':
		if r.object.closed || !needed && r.object.unevaluated == nil {
			return nil
		}
	case '[':
		if r.array.all || !needed && r.array.unevaluated == nil {
			return nil
		}
		from = len(r.array.first)
	default:
		return nil
	}
	n := v.Len()
	if n <= from {
		return nil
	}
	e.meter.spend(n / 8)
	u := &unevaluated{bits: make([]uint64, (n+63)/64), n: n - from}
	if e.open += 8 * len(u.bits); e.open > e.limit {
		panic(spent{ErrCost})
	}
	for i := range u.bits {
		u.bits[i] = ^uint64(0)
	}
	u.bits[len(u.bits)-1] >>= (64 - n%64) % 64
	for i := range from {
		u.bits[i/64] &^= 1 << (i % 64)
	}
	return u
}

// free takes the memory of a set out of the account.
func (e *evaluator) free(u *unevaluated) {
	if u != nil {
		e.open -= 8 * len(u.bits)
		u.bits, u.n = nil, 0
	}
}

func (u *unevaluated) some() bool { return u != nil && u.n > 0 }

func (u *unevaluated) has(i int) bool {
	return u.some() && u.bits[i/64]&(1<<(i%64)) != 0
}

func (u *unevaluated) evaluated(i int) {
	if u.has(i) {
		u.bits[i/64] &^= 1 << (i % 64)
		u.n--
	}
}

// keepOnly takes away what another evaluation of the same value has evaluated.
func (u *unevaluated) keepOnly(other *unevaluated) {
	switch {
	case !u.some():
	case !other.some():
		clear(u.bits)
		u.n = 0
	default:
		u.n = 0
		for i := range u.bits {
			u.bits[i] &= other.bits[i]
			u.n += bits.OnesCount64(u.bits[i])
		}
	}
}
