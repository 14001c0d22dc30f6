package accept

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// object reads an object.
func (m *Matcher) object(o *object, p int) int {
	if m.depth++; m.depth > strict.MaxDepth {
		return m.giveUp()
	}
	seen, names := len(m.seen), len(m.names)
	for range o.required {
		m.seen = append(m.seen, 0)
	}
	m.steps += o.extraSteps
	data, count, last := m.data, 0, 0
	if p = space(data, p+1); p < len(data) && data[p] == '}' {
		p++
	} else {
		for {
			child, i, end := m.name(o, p, last, seen, names)
			if end < 0 {
				return no
			}
			if p = space(data, end); p >= len(data) || data[p] != ':' {
				return no
			}
			value := space(data, p+1)
			if p = m.value(child, value); p < 0 {
				return no
			}
			if i >= 0 {
				if last = i + 1; o.members[i].capture > 0 {
					m.captured[o.members[i].capture-1] = span{value, p}
				}
			}
			count++
			if p = space(data, p); p >= len(data) {
				return no
			}
			if data[p] == ',' {
				p = space(data, p+1)
				continue
			}
			if data[p] != '}' {
				return no
			}
			p++
			break
		}
	}
	for i, required := range o.required {
		if m.seen[seen+i]&required != required {
			return no
		}
	}
	if count < o.min || o.max >= 0 && count > o.max {
		return no
	}
	m.seen, m.names = m.seen[:seen], m.names[:names]
	m.depth--
	return p
}

// name reads the name of a member at p. It returns the node of its value, its number if the
// object names it, else -1, and the offset behind it, or no.
func (m *Matcher) name(o *object, p, last, seen, names int) (child *node, number, end int) {
	m.steps += stepsPerMember
	data, next := m.data, &m.next[o.base+last]
	i := int(*next)
	known := i < len(o.members) && o.members[i].quoted != nil && bytes.HasPrefix(data[p:], o.members[i].quoted)
	if known {
		end = p + len(o.members[i].quoted)
	} else {
		if p >= len(data) || data[p] != '"' {
			return nil, 0, no
		}
		var plain bool
		if end, plain, _ = str(data, p); end < 0 || !plain {
			return nil, 0, m.giveUp()
		}
		var at int32
		if at, known = o.byName[string(data[p+1:end-1])]; known {
			i, *next = int(at), at
		}
	}
	m.steps += (end - p) / (bytesPerStep / 4)
	if !known {
		if !m.fresh(data[p+1:end-1], names) {
			return nil, 0, m.giveUp()
		}
		return o.other, -1, end
	}
	bit := uint64(1) << (i % 64)
	if m.seen[seen+i/64]&bit != 0 {
		return nil, 0, m.giveUp()
	}
	m.seen[seen+i/64] |= bit
	return o.members[i].node, i, end
}

// fresh reports whether a name that an object does not name is there for the first time.
func (m *Matcher) fresh(name []byte, names int) bool {
	hash := maphash.Bytes(m.seed, name)
	if len(m.names)-names == maxUnknown || slices.Contains(m.names[names:], hash) {
		return false
	}
	m.names = append(m.names, hash)
	return true
}

// array reads an array.
func (m *Matcher) array(a *array, p int) int {
	if m.depth++; m.depth > strict.MaxDepth {
		return m.giveUp()
	}
	data, count, contained, names := m.data, 0, 0, len(m.names)
	vague := false // some element may be one of those before it
	if p = space(data, p+1); p < len(data) && data[p] == ']' {
		p++
	} else {
		for {
			child := a.rest
			if count < len(a.first) {
				child = a.first[count]
			}
			start := p
			if p = m.value(child, start); p < 0 {
				return no
			}
			if count++; a.contains != nil && m.holds(a.contains, start) {
				contained++
			}
			if a.unique {
				vague = vague || !m.distinct(start, p, names)
			}
			if m.gaveUp || vague && count > 1 {
				return m.giveUp()
			}
			if p = space(data, p); p >= len(data) {
				return no
			}
			if data[p] == ',' {
				p = space(data, p+1)
				continue
			}
			if data[p] != ']' {
				return no
			}
			p++
			break
		}
	}
	if count < a.min || a.max >= 0 && count > a.max {
		return no
	}
	if a.contains != nil && (contained < a.minContains || a.maxContains >= 0 && contained > a.maxContains) {
		return no
	}
	m.names = m.names[:names]
	m.depth--
	return p
}

// distinct reports whether an element of an array is none of those before it, for certain:
// it is a string without escapes, as they are.
func (m *Matcher) distinct(start, end, names int) bool {
	if end == len(m.data) || m.data[start] != '"' {
		return false
	}
	text := m.data[start+1 : end-1]
	if strict.PlainRun(text, 0) < len(text) {
		return false
	}
	m.steps += stepsPerMember + len(text)/8
	return m.fresh(text, names)
}
