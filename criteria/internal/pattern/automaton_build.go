package pattern

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

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
