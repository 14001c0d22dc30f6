package rules

import (
	"math/big"
	"strconv"
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The measures of aggregates, over the values that are not null at a pointer.
const (
	MeasureCount    = "count"    // how many values there are
	MeasureNulls    = "nulls"    // share of records without a value
	MeasureDistinct = "distinct" // how many different values there are
	MeasureMin      = "min"      // least number
	MeasureMax      = "max"      // greatest number
	MeasureSum      = "sum"      // sum of the numbers
	MeasureShare    = "share"    // share of records with a value that equals the aggregate's
	MeasureEarliest = "earliest" // first date or time
	MeasureLatest   = "latest"   // last date or time
)

// Measures returns the measures that there are.
func Measures() []string {
	return []string{
		MeasureCount, MeasureNulls, MeasureDistinct, MeasureMin, MeasureMax, MeasureSum, MeasureShare, MeasureEarliest, MeasureLatest,
	}
}

// gathered is what an aggregate knows of the records so far.
type gathered struct {
	values   uint64
	without  uint64 // records without a value
	matching uint64 // records with the value of a share
	seen     map[[16]byte]struct{}
	sums     map[int]*big.Int // by decimal exponent
	least    number
	greatest number
	first    time.Time
	last     time.Time
	other    bool // a value had another type
}

// measured is an aggregate that is compiled.
type measured struct {
	Aggregate
	pointer fields.Pointer
	equals  [16]byte // the digest of the value of a share
}

// add adds a record.
func (r *Run) add(a measured, g *gathered, record strict.Value) {
	some, matches := false, false
	r.walk(a.pointer, record, func(v strict.Value) {
		if v.Kind() == 'n' {
			return
		}
		some = true
		g.values++
		switch a.Measure {
		case MeasureDistinct:
			r.remember(g, v)
		case MeasureShare:
			matches = matches || r.digest(v) == a.equals
		case MeasureMin, MeasureMax, MeasureSum:
			r.addNumber(a.Measure, g, v)
		case MeasureEarliest, MeasureLatest:
			g.addTime(v)
		}
	})
	if !some {
		g.without++
	}
	if matches {
		g.matching++
	}
}

// walk calls found for each value that a pointer leads to. Of an array, at the end of the
// pointer too, these are the elements.
func (r *Run) walk(p fields.Pointer, v strict.Value, found func(v strict.Value)) {
	r.spend(1)
	switch {
	case v.Kind() == '[':
		for _, element := range v.Elements() {
			r.walk(p, element, found)
		}
	case len(p) == 0:
		found(v)
	case v.Kind() == '{':
		if member, ok := r.member(v, p[0]); ok {
			r.walk(p[1:], member, found)
		}
	}
}

// digest stands for a value; two that collide by chance are a matter of 2^-80.
func (r *Run) digest(v strict.Value) (digest [16]byte) {
	h := blake3.New()
	canonical.Write(hashing{&r.meter, h}, v)
	copy(digest[:], h.Sum(nil))
	return digest
}

// remember adds a value to those that are distinct.
func (r *Run) remember(g *gathered, v strict.Value) {
	digest := r.digest(v)
	if _, seen := g.seen[digest]; seen {
		return
	}
	if r.distinct++; r.distinct > MaxDistinct {
		panic(spent{errDistinct})
	}
	if g.seen == nil {
		g.seen = map[[16]byte]struct{}{}
	}
	g.seen[digest] = struct{}{}
}

func (r *Run) addNumber(measure string, g *gathered, v strict.Value) {
	if c := v.Kind(); c != '-' && (c < '0' || c > '9') {
		g.other = true
		return
	}
	n := r.read(v).number()
	switch measure {
	case MeasureMin:
		if g.values == 1 || n.compare(g.least) < 0 {
			g.least = n
		}
	case MeasureMax:
		if g.values == 1 || n.compare(g.greatest) > 0 {
			g.greatest = n
		}
	default:
		g.addToSum(string(v.Raw()))
	}
}

// addToSum adds a number to the sum of those with its exponent: the sum is exact, and no
// fraction has to be reduced before the end.
func (g *gathered) addToSum(text string) {
	digits, e, negative := canonical.Decimal(text)
	if digits == "" {
		return
	}
	if g.sums == nil {
		g.sums = map[int]*big.Int{}
	}
	if g.sums[e] == nil {
		g.sums[e] = new(big.Int)
	}
	n := new(big.Int)
	if small, err := strconv.ParseInt(digits, 10, 64); err == nil {
		n.SetInt64(small)
	} else {
		n.SetString(digits, 10)
	}
	if negative {
		n.Neg(n)
	}
	g.sums[e].Add(g.sums[e], n)
}

func (g *gathered) sum() number {
	total := new(big.Rat)
	for e, sum := range g.sums {
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(e, -e))), nil)
		if e < 0 {
			total.Add(total, new(big.Rat).SetFrac(sum, power))
		} else {
			total.Add(total, new(big.Rat).SetInt(power.Mul(power, sum)))
		}
	}
	return number{frac: total}
}

func (g *gathered) addTime(v strict.Value) {
	at, ok := anyTime(v)
	if !ok {
		g.other = true
		return
	}
	if g.values == 1 || at.Before(g.first) {
		g.first = at
	}
	if g.values == 1 || at.After(g.last) {
		g.last = at
	}
}

// result is the value of an aggregate over a number of records.
func (g *gathered) result(measure string, records uint64) value {
	share := func(n uint64) value {
		if records == 0 {
			return fault(faultNothing)
		}
		return numberOf(number{frac: big.NewRat(int64(n), int64(records))})
	}
	switch measure {
	case MeasureCount:
		return numberOf(whole(int(g.values)))
	case MeasureNulls:
		return share(g.without)
	case MeasureDistinct:
		return numberOf(whole(len(g.seen)))
	case MeasureShare:
		return share(g.matching)
	case MeasureSum:
		if sum := g.sum(); !g.other {
			return ifFits(sum)
		}
		return fault(faultMeasured)
	}
	switch {
	case g.other:
		return fault(faultMeasured)
	case g.values == 0:
		return fault(faultNothing)
	}
	switch measure {
	case MeasureMin:
		return numberOf(g.least)
	case MeasureMax:
		return numberOf(g.greatest)
	case MeasureEarliest:
		return timeOf(g.first)
	}
	return timeOf(g.last)
}

func ifFits(n number) value {
	if !n.fits() {
		return fault(faultNumber)
	}
	return numberOf(n)
}
