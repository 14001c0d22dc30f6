package accept

import (
	"hash/maphash"
	"unicode/utf8"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Matcher runs a program over one record after another. It is for one goroutine.
type Matcher struct {
	program  *Program
	seed     maphash.Seed
	data     []byte
	captured []span

	depth int
	steps int
	limit int
	// gaveUp reports that the judge has to decide: what failed may be valid.
	gaveUp bool
	seen   []uint64 // bits of members, of the objects that are open
	names  []uint64 // hashes of other names of those
	next   []int32  // by member: which one followed it last
}

type span struct{ start, end int }

// no is the end of a value that is not accepted.
const no = -1

// Matcher returns a new one.
func (p *Program) Matcher() *Matcher {
	return &Matcher{program: p, seed: maphash.MakeSeed(), captured: make([]span, p.captured), next: make([]int32, p.predictions)}
}

// Accepts reports whether a record, which may be any value, is valid for certain. If it is
// not certain, the judge has to decide.
func (m *Matcher) Accepts(record []byte) bool {
	m.data, m.depth, m.steps, m.limit, m.gaveUp = record, 0, 0, m.program.steps(len(record)), false
	m.seen, m.names = m.seen[:0], m.names[:0]
	clear(m.captured)
	end := m.value(m.program.root, space(record, 0))
	return end >= 0 && space(record, end) == len(record) && m.steps <= m.limit
}

// Captured returns the text of the value of a member that Options.Captured lists, of the
// last record that was accepted; nil if it has none.
func (m *Matcher) Captured(i int) []byte {
	s := m.captured[i]
	if s.end == 0 {
		return nil
	}
	return m.data[s.start:s.end:s.end]
}

// Steps returns what the last record cost, which is at least what it costs the judge.
func (m *Matcher) Steps() int { return m.steps }

func (m *Matcher) giveUp() int {
	m.gaveUp = true
	return no
}

// value reads the value at p, and returns the offset behind it, or no.
func (m *Matcher) value(n *node, p int) int {
	m.steps += stepsPerValue
	if p >= len(m.data) {
		return no
	}
	c := m.data[p]
	kind := kindOf[c]
	if n.unsupported&kind != 0 {
		return m.giveUp()
	}
	if kind == 0 || n.refused&kind != 0 || n.types != 0 && n.types&kind == 0 && (kind != isNumber || n.types&isInteger == 0) {
		return no
	}
	var end int
	switch kind {
	case isString:
		end = m.text(n, p)
	case isNumber:
		end = m.number(n, p)
	case isObject:
		if n.dispatch != nil {
			branch := m.branch(n.dispatch, p)
			if branch == nil {
				return no
			}
			return m.value(branch, p)
		}
		end = m.object(n.object, p)
	case isArray:
		end = m.array(n.array, p)
	default:
		end = m.word(n, p, c)
	}
	if end >= 0 && n.more != nil && !m.again(n.more, p) {
		return no
	}
	return end
}

func (m *Matcher) word(n *node, p int, c byte) int {
	word := "true"
	switch c {
	case 'f':
		word = "false"
	case 'n':
		word = "null"
	}
	end := p + len(word)
	if end > len(m.data) || string(m.data[p:end]) != word {
		return no
	}
	for _, l := range n.literals {
		if !l.hasWord(c) {
			return no
		}
	}
	return end
}

func (m *Matcher) number(n *node, p int) int {
	end, exponent := num(m.data, p)
	if end < 0 {
		return m.giveUp()
	}
	if exponent {
		m.steps += stepsPerExponent
	}
	m.steps += (end - p) / 4
	raw := m.data[p:end]
	if n.types&(isNumber|isInteger) == isInteger && !whole(raw) {
		return no
	}
	for _, l := range n.literals {
		if !l.hasNumber(raw) {
			return no
		}
	}
	if n.number != nil && !n.number.holds(raw) {
		return no
	}
	return end
}

func (m *Matcher) text(n *node, p int) int {
	end, plain, ascii := str(m.data, p)
	if end < 0 {
		return m.giveUp()
	}
	t := n.text
	m.steps += (end - p) / bytesPerStep
	if t == nil && n.literals == nil {
		return end
	}
	text := m.data[p+1 : end-1]
	looks := len(n.literals)
	if t != nil {
		looks += t.looks
	}
	m.steps += looks * (stepsPerLook + len(text)/bytesPerStep)
	if !plain {
		m.steps += looks * (10 + stepsPerEscaped*len(text))
		text = []byte(strict.Text(m.data[p:end]))
	}
	for _, l := range n.literals {
		if !l.hasText(text) {
			return no
		}
	}
	if t == nil || m.textHolds(t, text, plain, ascii) {
		return end
	}
	return no
}

// textHolds reports whether a string keeps the keywords of strings, and its format.
func (m *Matcher) textHolds(t *text, text []byte, plain, ascii bool) bool {
	if t.hasLength {
		n := len(text)
		if !ascii {
			n = utf8.RuneCount(text)
		}
		if n < t.min || t.max >= 0 && n > t.max {
			return false
		}
	}
	m.steps += len(text) * t.ops / 16
	if t.pattern != nil && !t.pattern.Match(text, plain) {
		return false
	}
	if t.slow != nil && !t.slow.MatchString(string(text)) {
		return false
	}
	for _, f := range t.formats {
		if len(text) > maxText {
			m.gaveUp = true
			return false
		}
		m.steps += len(text)
		if f.Validate(string(text)) != nil {
			return false
		}
	}
	return true
}
