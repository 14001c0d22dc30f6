package findings

import "math/bits"

// HashSet is a set of 64-bit hashes in little memory: 11 to 16 bytes
// each, in tables that grow one at a time. A record of a million hashes has two that are
// equal once in 37 million such records; one finding is then not counted.
type HashSet struct {
	tables [64]hashTable
}

// hashTable has open addressing; 0 is an empty slot.
type hashTable struct {
	n     int
	slots []uint64
}

// Add reports whether hash is new.
func (s *HashSet) Add(hash uint64) bool {
	hash = max(hash, 1)
	return s.tables[hash%64].add(hash)
}

func (p *hashTable) add(hash uint64) bool {
	if 4*(p.n+1) > 3*len(p.slots) {
		old := p.slots
		p.slots = make([]uint64, max(8, len(old)+len(old)/2))
		for _, h := range old {
			if h != 0 {
				p.put(h)
			}
		}
	}
	if !p.put(hash) {
		return false
	}
	p.n++
	return true
}

func (p *hashTable) put(hash uint64) bool {
	at, _ := bits.Mul64(hash, uint64(len(p.slots)))
	for ; ; at++ {
		if at == uint64(len(p.slots)) {
			at = 0
		}
		switch p.slots[at] {
		case 0:
			p.slots[at] = hash
			return true
		case hash:
			return false
		}
	}
}
