package criteria

import (
	"math/big"
	"regexp"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// rule is one compiled subschema as the evaluator reads it. jsonschema compiles
// schemas; it does not evaluate them here, because it keeps every error with all
// of its causes, and a record can be made to have any number of those.
type rule struct {
	draft       int
	never       bool // the schema false
	anything    bool // the schemas true and {}
	types       typeSet
	constant    *literals
	enum        *literals
	format      *jsonschema.Format
	resource    *resource
	active      uint64 // the value that it is being evaluated on, as evaluator.id
	ref         *rule
	recursive   *rule  // $recursiveRef, before the dynamic scope is searched
	dynamic     *rule  // $dynamicRef, before the dynamic scope is searched
	dynamicName string // the anchor to search for; empty: none
	anchor      bool   // $recursiveAnchor

	not, if_, then, else_ *rule // named as the keywords
	allOf, anyOf, oneOf   []*rule
	dispatch              *dispatch

	object objectRule
	array  arrayRule
	text   textRule
	number numberRule
}

// resource is a schema with an $id, or the root of a document: what the dynamic
// scope consists of.
type resource struct {
	recursive bool
	anchors   map[string]*rule
}

// objectRule are the keywords of objects.
type objectRule struct {
	used              bool // any but unevaluated
	min, max          *int
	wanted            map[string]int // names whose presence counts, numbered
	required          []string
	properties        map[string]*rule
	patterns          []patternRule
	forbid            bool // additionalProperties is false
	additional        *rule
	closed            bool // additionalProperties is there
	names             *rule
	dependencies      map[string]*rule
	dependentSchemas  map[string]*rule
	dependentNames    map[string][]string // dependencies with lists of names
	dependentRequired map[string][]string
	unevaluated       *rule
}

type patternRule struct {
	expr *regexp.Regexp
	ops  int
	rule *rule
}

// arrayRule are the keywords of arrays.
type arrayRule struct {
	used                     bool // any but unevaluated
	min, max                 *int
	unique                   bool
	first                    []*rule // of the first elements
	rest                     *rule   // of those behind
	noMore                   bool    // additionalItems is false
	all                      bool    // every element counts as evaluated
	contains                 *rule
	minContains, maxContains *int
	unevaluated              *rule
}

// textRule are the keywords of strings.
type textRule struct {
	min, max *int
	pattern  *regexp.Regexp
	ops      int // operations of the pattern's program
}

// numberRule are the keywords of numbers.
type numberRule struct {
	used                       bool
	minimum, maximum           *big.Rat
	exclusiveMin, exclusiveMax *big.Rat
	multipleOf                 *big.Rat
}

// typeSet are types of JSON Schema, as bits; 0 is any.
type typeSet uint8

const (
	typeNull typeSet = 1 << iota
	typeBoolean
	typeNumber
	typeInteger
	typeString
	typeArray
	typeObject
)

var typeNames = map[string]typeSet{
	"null": typeNull, "boolean": typeBoolean, "number": typeNumber, "integer": typeInteger,
	"string": typeString, "array": typeArray, "object": typeObject,
}

// typeOf is the type of what begins with c, as strict.Value.Kind says.
func typeOf(c byte) typeSet {
	switch c {
	case '{':
		return typeObject
	case '[':
		return typeArray
	case '"':
		return typeString
	case 't', 'f':
		return typeBoolean
	case 'n':
		return typeNull
	}
	return typeNumber
}
