package pattern

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
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

// builder makes an automaton. A state is a set of operations that wait for a character.
type builder struct {
	prog    *syntax.Prog
	budget  *Budget
	numbers map[string]int // of states, by their sets
	sets    [][]uint32     // by state
	ends    []bool
	seen    []uint32 // by operation: the walk that reached it
	walk    uint32
	queue   []uint32
}

func (b *builder) build() *Automaton {
	bounds := b.bounds()
	if len(bounds) > maxClasses {
		return nil
	}
	a := &Automaton{}
	for 1<<a.shift < len(bounds) {
		a.shift++
	}
	b.sets, b.ends = [][]uint32{nil, nil}, []bool{false, true}
	start, matched := b.closure([]uint32{uint32(b.prog.Start)}, syntax.EmptyBeginText)
	a.empty = matched || b.matchesAtEnd([]uint32{uint32(b.prog.Start)}, syntax.EmptyBeginText)
	first, ok := b.state(start, matched, []uint32{uint32(b.prog.Start)}, syntax.EmptyBeginText)
	if !ok {
		return nil
	}
	for s := 2; s < len(b.sets); s++ {
		row := make([]uint16, 1<<a.shift)
		if b.budget.Entries -= len(row); b.budget.Entries < 0 {
			return nil
		}
		if len(a.next) == 0 {
			a.next = make([]uint16, 2<<a.shift)
			for c := range 1 << a.shift {
				a.next[1<<a.shift|c] = stateMatch
			}
		}
		for class, r := range bounds {
			to, ok := b.step(b.sets[s], r)
			if !ok {
				return nil
			}
			row[class] = uint16(to)
		}
		a.next = append(a.next, row...)
	}
	if len(a.next) == 0 {
		a.next = make([]uint16, 2<<a.shift)
		for c := range 1 << a.shift {
			a.next[1<<a.shift|c] = stateMatch
		}
	}
	a.start, a.ends = uint16(first), b.ends
	a.classes(bounds)
	a.settle(bounds)
	return a
}

// bounds are the characters at which the answer of some operation may change, ascending, 0
// among them.
func (b *builder) bounds() []rune {
	bounds := []rune{0, ' ', utf8.RuneSelf}
	for _, inst := range b.prog.Inst {
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1:
			for i := 0; i+1 < len(inst.Rune); i += 2 {
				bounds = append(bounds, inst.Rune[i], inst.Rune[i+1]+1)
			}
			if len(inst.Rune) == 1 {
				bounds = append(bounds, inst.Rune[0], inst.Rune[0]+1)
				for r := unicode.SimpleFold(inst.Rune[0]); r != inst.Rune[0]; r = unicode.SimpleFold(r) {
					bounds = append(bounds, r, r+1)
				}
			}
		case syntax.InstRuneAnyNotNL:
			bounds = append(bounds, '\n', '\n'+1)
		default:
		}
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	for len(bounds) > 0 && bounds[len(bounds)-1] > unicode.MaxRune {
		bounds = bounds[:len(bounds)-1]
	}
	return bounds
}

// closure are the operations that wait for a character where those of pcs go on; matched
// reports whether there is a match among them.
func (b *builder) closure(pcs []uint32, at syntax.EmptyOp) (set []uint32, matched bool) {
	b.walk++
	b.queue = b.queue[:0]
	push := func(pc uint32) {
		if b.seen[pc] != b.walk {
			b.seen[pc] = b.walk
			b.queue = append(b.queue, pc)
		}
	}
	for _, pc := range pcs {
		push(pc)
	}
	for i := 0; i < len(b.queue); i++ {
		b.budget.Work--
		inst := &b.prog.Inst[b.queue[i]]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			push(inst.Out)
			push(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			push(inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^at == 0 {
				push(inst.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstFail:
		default:
			set = append(set, b.queue[i])
		}
	}
	slices.Sort(set)
	return set, matched
}

func (b *builder) matchesAtEnd(pcs []uint32, at syntax.EmptyOp) bool {
	_, matched := b.closure(pcs, at|syntax.EmptyEndText)
	return matched
}

// state is the number of a set, which is that of the operations from on; ok is false where
// there are too many.
func (b *builder) state(set []uint32, matched bool, from []uint32, at syntax.EmptyOp) (number int, ok bool) {
	if matched {
		return stateMatch, true
	}
	ends := b.matchesAtEnd(from, at)
	if len(set) == 0 && !ends {
		return stateDead, true
	}
	key := make([]byte, 0, 4*len(set)+1)
	for _, pc := range set {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if ends {
		key = append(key, 1)
	}
	number, known := b.numbers[string(key)]
	if known {
		return number, true
	}
	if number = len(b.sets); number == maxStates {
		return 0, false
	}
	b.numbers[string(key)] = number
	b.sets, b.ends = append(b.sets, set), append(b.ends, ends)
	return number, true
}

// step is the state behind a character. A match may also begin behind it.
func (b *builder) step(set []uint32, r rune) (number int, ok bool) {
	if b.budget.Work -= len(set); b.budget.Work < 0 {
		return 0, false
	}
	from := []uint32{uint32(b.prog.Start)}
	for _, pc := range set {
		if inst := &b.prog.Inst[pc]; inst.MatchRune(r) {
			from = append(from, inst.Out)
		}
	}
	next, matched := b.closure(from, 0)
	return b.state(next, matched, from, 0)
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
