package fields

// A Tree holds a list of pointers by their tokens. A nil Tree selects nothing.
type Tree struct {
	Whole    bool // the value is selected with everything in it
	Children map[string]*Tree
}

// NewTree returns the tree of pointers.
func NewTree(pointers []Pointer) *Tree {
	root := &Tree{}
	for _, p := range pointers {
		node := root
		for _, token := range p {
			if node.Children == nil {
				node.Children = map[string]*Tree{}
			}
			next := node.Children[token]
			if next == nil {
				next = &Tree{}
				node.Children[token] = next
			}
			node = next
		}
		node.Whole = true
	}
	return root
}

// Child returns the tree for the member name, which is t itself if t selects
// everything.
func (t *Tree) Child(name string) *Tree {
	if t == nil || t.Whole {
		return t
	}
	return t.Children[name]
}

// A Selection is what a projection keeps of each record.
type Selection struct {
	// Tree has the selected pointers.
	Tree *Tree
	// Positions makes null replace elements that are left out of arrays, so that the
	// others keep their positions. Without it, Cut refuses a record in which elements
	// would move.
	Positions bool
	// Resources are the values of the member resourceType of the records that are kept; nil
	// keeps all records. Formats of FHIR look at it.
	Resources []string
	// Skip are the records that are left out; nil: none.
	Skip *Skip
}

// Skip names records by their numbers from 1. It serves one projection.
type Skip struct {
	numbers []uint64 // ascending; those that were not passed yet
	at      uint64   // records passed
}

// NewSkip returns a Skip of records, whose numbers ascend.
func NewSkip(numbers []uint64) *Skip { return &Skip{numbers: numbers} }

// next reports whether the next record is left out.
func (s *Skip) next() bool {
	if s == nil {
		return false
	}
	s.at++
	if len(s.numbers) == 0 || s.numbers[0] != s.at {
		return false
	}
	s.numbers = s.numbers[1:]
	return true
}

// Left returns how many records were not passed.
func (s *Skip) Left() int { return len(s.numbers) }
