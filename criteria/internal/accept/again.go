package accept

import "bytes"

// again evaluates subschemas on the value at p, which was read to its end.
func (m *Matcher) again(x *more, p int) bool {
	for _, n := range x.all {
		if !m.holds(n, p) {
			return false
		}
	}
	if x.not != nil && (m.holds(x.not, p) || m.gaveUp) {
		return false
	}
	if len(x.any) > 0 && m.count(x.any, p, 1) < 1 {
		return false
	}
	if len(x.one) > 0 && m.count(x.one, p, 2) != 1 {
		return false
	}
	if x.branches != nil && !m.branchHolds(x.branches, p) {
		return false
	}
	if x.cond == nil || m.gaveUp {
		return !m.gaveUp
	}
	then := x.els
	if m.holds(x.cond, p) {
		then = x.then
	}
	return !m.gaveUp && (then == nil || m.holds(then, p))
}

// count counts the nodes that hold, up to most.
func (m *Matcher) count(nodes []*node, p, most int) (n int) {
	for _, sub := range nodes {
		if m.holds(sub, p) {
			if n++; n == most {
				break
			}
		}
		if m.gaveUp {
			return no
		}
	}
	return n
}

// holds reports whether the value at p is valid by a node. If it gave up, it may be.
func (m *Matcher) holds(n *node, p int) bool {
	if m.steps > m.limit {
		m.gaveUp = true
		return false
	}
	depth, seen, names := m.depth, len(m.seen), len(m.names)
	valid := m.value(n, p) >= 0
	m.depth, m.seen, m.names = depth, m.seen[:seen], m.names[:names]
	return valid
}

func (m *Matcher) branchHolds(b *branches, p int) bool {
	if m.data[p] != '{' {
		m.gaveUp = true
		return false
	}
	n := m.branch(b, p)
	return n != nil && m.holds(n, p)
}

// branch is the node that the object at p names, nil if it names none, or not for certain.
func (m *Matcher) branch(b *branches, p int) *node {
	data := m.data
	p = space(data, p+1)
	if b.quoted == nil {
		m.gaveUp = true
		return nil
	}
	for !bytes.HasPrefix(data[p:], b.quoted) {
		if p = m.passMember(p); p < 0 {
			m.gaveUp = true
			return nil
		}
	}
	if p = space(data, p+len(b.quoted)); p >= len(data) || data[p] != ':' {
		m.gaveUp = true
		return nil
	}
	if p = space(data, p+1); p >= len(data) || data[p] != '"' {
		return nil
	}
	end, plain, _ := str(data, p)
	if end < 0 || !plain {
		m.gaveUp = true
		return nil
	}
	m.steps += (end-p)/bytesPerStep + stepsPerMember
	return b.by[string(data[p+1:end-1])]
}

// passMember passes a member and the comma behind it, without reading them strictly, and
// returns where the next one begins, or no. It pays for the bytes: an object is passed again
// at each level where a member that is far behind decides.
func (m *Matcher) passMember(p int) int {
	data, depth, start := m.data, 0, p
	for p < len(data) {
		switch data[p] {
		case '"':
			end, _, _ := str(data, p)
			if end < 0 {
				return no
			}
			p = end
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return no
			}
		case ',':
			if depth == 0 {
				if m.steps += 1 + (p-start)/4; m.steps > m.limit {
					return no
				}
				return space(data, p+1)
			}
		}
		p++
	}
	return no
}
