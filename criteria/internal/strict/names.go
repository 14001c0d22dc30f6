package strict

import (
	"bytes"
	"hash/maphash"
)

// fewNames is up to how many names of an object are compared one by one.
const fewNames = 8

var nameSeed = maphash.MakeSeed()

// nameSet finds a name that is twice in one object. It holds the numbers of the
// nodes of many names in a hash table that is at most half full, and nothing of
// a few.
type nameSet struct {
	n     int
	table []uint32 // the number of a node plus 1
}

func (s *nameSet) reset() { s.n, s.table = 0, s.table[:0] }

// add adds the last node of t, a name of the object at a node, and reports
// whether it is the first of its name.
func (s *nameSet) add(t *Tree, object uint32) bool {
	last := Value{t, uint32(len(t.nodes) - 1)}
	if s.n++; s.n <= fewNames {
		return s.firstOfFew(t, object, last)
	}
	if s.n*2 > len(s.table) {
		s.grow(t, object, last.i)
		return s.insert(t, last)
	}
	return s.insert(t, last)
}

func (s *nameSet) firstOfFew(t *Tree, object uint32, last Value) bool {
	text := last.Text()
	for i := object + 1; i < last.i; i = (Value{t, i + 1}).after() {
		if bytes.Equal(Value{t, i}.Text(), text) {
			return false
		}
	}
	return true
}

// grow makes a table of twice the size and fills in the names before last.
func (s *nameSet) grow(t *Tree, object, last uint32) {
	size := max(4*fewNames, 2*len(s.table))
	if cap(s.table) < size {
		s.table = make([]uint32, size)
	} else {
		s.table = s.table[:size]
		clear(s.table)
	}
	for i := object + 1; i < last; i = (Value{t, i + 1}).after() {
		s.insert(t, Value{t, i})
	}
}

// insert reports whether the name was not in the table.
func (s *nameSet) insert(t *Tree, name Value) bool {
	text := name.Text()
	mask := uint64(len(s.table) - 1)
	for slot := maphash.Bytes(nameSeed, text) & mask; ; slot = (slot + 1) & mask {
		switch other := s.table[slot]; {
		case other == 0:
			s.table[slot] = name.i + 1
			return true
		case bytes.Equal(Value{t, other - 1}.Text(), text):
			return false
		}
	}
}
