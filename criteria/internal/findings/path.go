package findings

import (
	"strconv"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// A Step is one step of a path: a member of the record, a member by name alone,
// or an element.
type Step struct {
	member strict.Value // its name
	name   string
	index  int
	kind   stepKind
}

type stepKind uint8

const (
	stepElement stepKind = iota
	stepMember
	stepName
)

// Element returns the step to an element.
func Element(i int) Step { return Step{index: i} }

// Member returns the step to a member of the record, by its name there.
func Member(name strict.Value) Step { return Step{kind: stepMember, member: name} }

// Name returns the step to a member that the record need not have.
func Name(name string) Step { return Step{kind: stepName, name: name} }

// pathWriter tracks a walk through a record, and writes the path of a finding on
// demand. It keeps the written prefix until the walk leaves it, so that many
// findings side by side cost no more than their last step.
type pathWriter struct {
	shows func(name string) bool
	steps []Step
	marks []pathMark // after each step that is written
	text  []byte
	cut   [MaxPathBytes]byte
}

// pathMark is a prefix of the written text.
type pathMark struct {
	n    int  // bytes of text
	fits int  // length of the longest prefix of whole tokens that leaves space for more
	over bool // the path is longer than MaxPathBytes
}

// more stands for the rest of a path that is too long.
const more = "/*"

func (p *pathWriter) push(s Step) { p.steps = append(p.steps, s) }

func (p *pathWriter) pop() {
	p.steps = p.steps[:len(p.steps)-1]
	p.marks = p.marks[:min(len(p.marks), len(p.steps))]
}

// bytes returns the path, valid until the next call. It omits names that may be
// values: in an object that is used as a map, names are data.
func (p *pathWriter) bytes() []byte {
	mark := pathMark{}
	if n := len(p.marks); n > 0 {
		mark = p.marks[n-1]
	}
	for _, s := range p.steps[len(p.marks):] {
		mark = p.write(mark, s)
		p.marks = append(p.marks, mark)
	}
	if !mark.over {
		return p.text[:mark.n]
	}
	return append(append(p.cut[:0], p.text[:mark.fits]...), more...)
}

func (p *pathWriter) write(mark pathMark, s Step) pathMark {
	if mark.over {
		return mark
	}
	token, whole := p.token(s)
	p.text = append(append(p.text[:mark.n], '/'), token...)
	if !whole || len(p.text) > MaxPathBytes {
		mark.over = true
		return mark
	}
	mark.n = len(p.text)
	if mark.n <= MaxPathBytes-len(more) {
		mark.fits = mark.n
	}
	return mark
}

// token returns a step as a token of a JSON pointer; whole is false when it is too
// long for any path.
func (p *pathWriter) token(s Step) (token string, whole bool) {
	name := s.name
	switch s.kind {
	case stepElement:
		return strconv.Itoa(s.index), true
	case stepMember:
		text := s.member.Text()
		if len(text) > maxName { // no schema knows it
			return "*", true
		}
		name = string(text)
	}
	if !p.shows(name) {
		return "*", true
	}
	if len(name) >= MaxPathBytes {
		return "", false
	}
	return strict.Step{Name: name}.String(), true
}
