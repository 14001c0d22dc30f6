package accept

import (
	"math/big"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/internal/pattern"
)

// kinds are the types of JSON Schema, as bits; 0 is any.
type kinds uint8

const (
	isNull kinds = 1 << iota
	isBoolean
	isNumber
	isInteger
	isString
	isArray
	isObject

	scalars = isNull | isBoolean | isNumber | isString
)

var kindNames = map[string]kinds{
	"null": isNull, "boolean": isBoolean, "number": isNumber, "integer": isInteger,
	"string": isString, "array": isArray, "object": isObject,
}

// kindOf is the type of a value by its first byte, 0 of what begins none.
var kindOf = func() (of [256]kinds) {
	of['{'], of['['], of['"'], of['t'], of['f'], of['n'], of['-'] = isObject, isArray, isString, isBoolean, isBoolean, isNull, isNumber
	for c := '0'; c <= '9'; c++ {
		of[c] = isNumber
	}
	return of
}()

// node is what is to be done with a value.
type node struct {
	alias *node // what is to be done instead, until link takes it away
	// unsupported are the types of values that are left to the judge.
	unsupported kinds
	refused     kinds // no value of these types is valid
	types       kinds // integer apart
	literals    []*literals
	text        *text
	number      *number
	object      *object
	array       *array
	more        *more
	dispatch    *branches // a member decides which node takes the object
}

func (n *node) allBranches() (list []*branches) {
	if n.dispatch != nil {
		list = append(list, n.dispatch)
	}
	if n.more != nil && n.more.branches != nil {
		list = append(list, n.more.branches)
	}
	return list
}

// object is what an object must be.
type object struct {
	members    []member
	byName     map[string]int32
	required   []uint64 // bits of members
	base       int      // of its predictions in a Matcher
	other      *node    // for members that are not in the list
	min, max   int      // max < 0: none
	extraSteps int      // of the judge, for each object
}

// member is a member that the schema or the disclosed fields name.
type member struct {
	quoted  []byte // its name as most texts have it; nil if that has an escape
	node    *node
	capture int // which of Options.Captured it is, from 1; 0: none
}

// array is what an array must be.
type array struct {
	first    []*node
	rest     *node
	min, max int // max < 0: none
	unique   bool
	contains *node // nil: none
	// minContains and maxContains are how many elements contains holds for; maxContains < 0:
	// any number.
	minContains, maxContains int
}

// text is what a string must be.
type text struct {
	min, max  int // max < 0: none
	pattern   *pattern.Automaton
	slow      jsonschema.Regexp // where there is a pattern without an automaton
	ops       int               // of the pattern
	formats   []*jsonschema.Format
	looks     int // keywords that read the string
	hasLength bool
}

// number is what a number must be.
type number struct {
	minimum, maximum, above, below, multipleOf *bound
}

// bound is a number of a schema.
type bound struct {
	exact    *big.Rat
	small    bool // what follows holds it
	negative bool
	num, den uint64
}

// more are subschemas that hold for the same value, and are evaluated behind all else.
type more struct {
	all, any, one   []*node
	not             *node
	cond, then, els *node
	branches        *branches
}

// branches are those of a oneOf whose branches a member tells apart.
type branches struct {
	member string
	quoted []byte
	by     map[string]*node
}
