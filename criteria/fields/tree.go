package fields

// Tree holds pointers by their tokens. A nil tree discloses nothing.
type Tree struct {
	Whole    bool // the value and everything in it
	Children map[string]*Tree
}

// NewTree makes a tree of pointers.
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

// Child returns the tree below a member, t itself when everything is disclosed.
func (t *Tree) Child(name string) *Tree {
	if t == nil || t.Whole {
		return t
	}
	return t.Children[name]
}

// Selection is what a projection keeps of each record.
type Selection struct {
	// Tree has the disclosed pointers.
	Tree *Tree
	// Positions: null replaces elements of arrays that are left out, so that the
	// others stay where they are.
	Positions bool
}
