package fs

import (
	"cmp"
	"iter"
	"slices"
	"sort"

	"github.com/medibloc/pdx"
)

// catalog says in which packs a blob may be: 8 bytes for each blob, and a search
// that does not depend on how many packs there are. Its zero value is empty.
type catalog struct {
	refs   []ref   // sorted by prefix, the newest pack first
	slots  []*pack // of refs; nil when it was removed
	recent []*pack // not in refs yet, the newest last
}

// ref says that a pack has, or had, a blob whose root begins with prefix.
type ref struct{ prefix, slot uint32 }

// recentPacks is how many packs are looked through before they are merged into
// the rest, which is one pass over all refs.
const recentPacks = 16

// add adds the newest pack.
func (c *catalog) add(p *pack) {
	if c.recent = append(c.recent, p); len(c.recent) > recentPacks {
		c.merge()
	}
}

// remove forgets a pack.
func (c *catalog) remove(p *pack) {
	gone := func(o *pack) bool { return o == p }
	c.recent = slices.DeleteFunc(c.recent, gone)
	if i := slices.IndexFunc(c.slots, gone); i >= 0 {
		c.slots[i] = nil
	}
}

// merge takes the recent packs into refs, and what was removed out of them.
func (c *catalog) merge() {
	slots := slices.DeleteFunc(slices.Concat(c.slots, c.recent), func(p *pack) bool { return p == nil })
	slices.SortFunc(slots, func(a, b *pack) int { return cmp.Compare(a.number, b.number) })
	at := make(map[*pack]uint32, len(slots))
	for i, p := range slots {
		at[p] = uint32(i)
	}
	old := c.refs[:0] // their order stays: slots are only renumbered
	for _, r := range c.refs {
		if p := c.slots[r.slot]; p != nil {
			old = append(old, ref{r.prefix, at[p]})
		}
	}
	var added []ref
	for _, p := range c.recent {
		for _, extent := range p.extents {
			added = append(added, ref{extent.prefix, at[p]})
		}
	}
	slices.SortFunc(added, ref.compare)
	c.refs, c.slots, c.recent = mergeRefs(old, added), slots, nil
}

// mergeRefs is all of two sorted lists, sorted.
func mergeRefs(a, b []ref) []ref {
	all := make([]ref, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].compare(b[0]) <= 0 {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}

func (r ref) compare(other ref) int {
	return cmp.Or(cmp.Compare(r.prefix, other.prefix), cmp.Compare(other.slot, r.slot))
}

// having are the packs that may have a blob, the newest first.
func (c *catalog) having(id pdx.ContentID) iter.Seq[*pack] {
	return func(yield func(*pack) bool) {
		for _, p := range slices.Backward(c.recent) {
			if !yield(p) {
				return
			}
		}
		want, last := prefixOf(id), (*pack)(nil)
		first := sort.Search(len(c.refs), func(i int) bool { return c.refs[i].prefix >= want })
		for _, r := range c.refs[first:] {
			if r.prefix != want {
				return
			}
			if p := c.slots[r.slot]; p != nil && p != last {
				if last = p; !yield(p) {
					return
				}
			}
		}
	}
}
