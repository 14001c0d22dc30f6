package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// An Automaton decides whether a regular expression matches a text, as regexp.Regexp.Match
// does, in one table look-up for each character. It is for UTF-8 and for many goroutines.
type Automaton struct {
	ascii  [utf8.RuneSelf]uint8 // the class of each character
	from   []rune               // where the classes of all other characters begin, ascending
	other  []uint8              // those classes
	shift  uint8
	next   []uint16 // by state and class
	ends   []bool   // by state: a text that ends here matches
	empty  bool     // the empty text matches
	start  uint16
	steady uint16 // states below are decided, for text without control characters
}

// The states of every automaton.
const (
	stateDead  = 0 // nothing that follows can match
	stateMatch = 1 // it matched, whatever follows
)

// Limits of an automaton. Expressions of other sizes are left to regexp.
const (
	maxStates  = 1024
	maxClasses = 128
)

// Budget bounds the work of making automata, in visits of operations, and their memory, in
// entries of tables, of 2 bytes.
type Budget struct{ Work, Entries int }

// NewBudget returns a budget for the expressions of one schema: about 0.1 s and 4 MiB.
func NewBudget() *Budget { return &Budget{Work: 10_000_000, Entries: 2_000_000} }

// NewAutomaton makes the automaton of an expression in the syntax of RE2. It is nil for one
// that looks at more than one character at once, or that would take too much.
func NewAutomaton(expr string, budget *Budget) *Automaton {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || !plain(prog) {
		return nil
	}
	b := &builder{prog: prog, budget: budget, numbers: map[string]int{}, seen: make([]uint32, len(prog.Inst))}
	return b.build()
}

// plain reports whether an expression asks of positions only whether they are the beginning
// or the end of the text.
func plain(prog *syntax.Prog) bool {
	for _, inst := range prog.Inst {
		if inst.Op == syntax.InstEmptyWidth && syntax.EmptyOp(inst.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return false
		}
	}
	return true
}

// Match reports whether the expression matches a part of text, which must be UTF-8. clean
// says that no control characters are in it.
func (a *Automaton) Match(text []byte, clean bool) bool {
	if len(text) == 0 {
		return a.empty
	}
	steady := a.steady
	if !clean {
		steady = stateMatch + 1
	}
	s := a.start
	for i := 0; i < len(text); {
		var class uint8
		if c := text[i]; c < utf8.RuneSelf {
			class = a.ascii[c]
			i++
		} else {
			r, n := utf8.DecodeRune(text[i:])
			class = a.classOf(r)
			i += n
		}
		if s = a.next[int(s)<<a.shift|int(class)]; s < steady {
			break
		}
	}
	return a.ends[s]
}

func (a *Automaton) classOf(r rune) uint8 {
	at, found := slices.BinarySearch(a.from, r)
	if !found {
		at--
	}
	return a.other[at]
}

// classes notes which class each character is of.
func (a *Automaton) classes(bounds []rune) {
	class := 0
	for r := range rune(utf8.RuneSelf) {
		for class+1 < len(bounds) && bounds[class+1] <= r {
			class++
		}
		a.ascii[r] = uint8(class)
	}
	for class, r := range bounds {
		if r >= utf8.RuneSelf {
			a.from, a.other = append(a.from, r), append(a.other, uint8(class))
		}
	}
}

// settle numbers first those states that only a control character leaves.
func (a *Automaton) settle(bounds []rune) {
	to := make([]uint16, len(a.ends))
	to[stateMatch] = stateMatch
	a.steady = stateMatch + 1
	for s := 2; s < len(to); s++ {
		if a.isSteady(s, bounds) {
			to[s] = a.steady
			a.steady++
		}
	}
	next := a.steady
	for s := 2; s < len(to); s++ {
		if to[s] == 0 {
			to[s] = next
			next++
		}
	}
	table, ends := make([]uint16, len(a.next)), make([]bool, len(a.ends))
	for s, number := range to {
		ends[number] = a.ends[s]
		for class := range 1 << a.shift {
			table[int(number)<<a.shift|class] = to[a.next[s<<a.shift|class]]
		}
	}
	a.next, a.ends, a.start = table, ends, to[a.start]
}

func (a *Automaton) isSteady(s int, bounds []rune) bool {
	for class, r := range bounds {
		if r >= ' ' && int(a.next[s<<a.shift|class]) != s {
			return false
		}
	}
	return true
}
