package strict

// parser fills in the nodes of a Tree.
type parser struct {
	Scanner
	nodes []node
	names [MaxDepth + 1]nameSet // of the objects that are open, by depth
}

// Parse reads the one JSON value that data holds. It refuses what Decode
// refuses, with the same errors.
func Parse(data []byte) (*Tree, error) {
	if uint64(len(data)) > MaxTreeBytes {
		return nil, broken(RuleSyntax)
	}
	p := &parser{Scanner: Scanner{data: data}, nodes: make([]node, 0, countNodes(data))}
	if err := p.value(); err != nil {
		return nil, err
	}
	if err := p.End(); err != nil {
		return nil, err
	}
	return &Tree{data, p.nodes}, nil
}

func (p *parser) value() error {
	switch p.Peek() {
	case '{':
		return p.object()
	case '[':
		return p.array()
	}
	raw, err := p.Scalar()
	if err == nil {
		p.nodes = append(p.nodes, node{uint32(p.pos - len(raw)), uint32(p.pos)})
	}
	return err
}

func (p *parser) array() error {
	at := p.open()
	err := p.Array(func(int) error { return p.value() })
	p.nodes[at].end = uint32(len(p.nodes))
	return err
}

func (p *parser) object() error {
	at := p.open()
	if p.depth < MaxDepth {
		p.names[p.depth+1].reset()
	}
	err := p.members(func(start int, raw []byte) error {
		p.nodes = append(p.nodes, node{uint32(start), uint32(start + len(raw))})
		if !p.names[p.depth].add(&Tree{p.data, p.nodes}, uint32(at)) {
			return ErrDuplicate()
		}
		return p.value()
	})
	p.nodes[at].end = uint32(len(p.nodes))
	return err
}

// open notes the container that begins here.
func (p *parser) open() int {
	p.nodes = append(p.nodes, node{start: uint32(p.pos)})
	return len(p.nodes) - 1
}

// countNodes is at least the number of nodes of a text, and exact for a valid
// one: every node but the first has a comma, a colon or a bracket before it. No
// valid text has more than one for two bytes.
func countNodes(data []byte) int {
	n, quoted := 1, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',', c == ':', (c == '[' || c == '{') && !closes(data[i+1:]):
			n++
		}
	}
	return min(n, len(data)/2+1)
}

// closes reports whether the next token ends a container.
func closes(data []byte) bool {
	s := Scanner{data: data}
	c := s.Peek()
	return c == ']' || c == '}'
}
