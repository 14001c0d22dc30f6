package fs

import (
	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// A pack of at least compactFrom bytes of which less than one in compactBelow is left
// is written anew. So what was deleted takes three times the space of what is left at
// most, and a byte is written again for every three that were deleted at most.
const (
	compactFrom  = 1 << 20
	compactBelow = 4
)

// mostlyGone reports whether the pack should be written anew.
func (p *pack) mostlyGone() bool {
	left := uint64(0)
	for i, at := range p.extents {
		if !p.gone.Has(uint64(i)) {
			left += uint64(at.size)
		}
	}
	return p.end >= compactFrom && left < p.end/compactBelow
}

// compact makes a new pack of what is left of p, and removes p. A crash in between
// leaves both, which is no harm, and so does a failure; s.mu is held.
func (s *Store) compact(p *pack) error {
	b, err := s.beginBatch()
	if err != nil {
		return err
	}
	defer func() { _ = b.Abort() }() // what is left of it goes with the next start
	if err := s.putLeft(b, p); err != nil {
		return err
	}
	if len(b.seen) > 0 {
		if err := b.finish(); err != nil {
			return err
		}
		if err := b.adopt(); err != nil {
			return err
		}
	}
	return s.discardPack(p)
}

// putLeft puts into b what is left of p and in no other pack.
func (s *Store) putLeft(b *batch, p *pack) error {
	left, err := p.entries()
	if err != nil {
		return err
	}
	buf := make([]byte, blob.MaxSmall)
	for _, e := range left {
		if s.packs.elsewhere(e.id, p, buf) {
			continue
		}
		data, err := p.read(e.id, buf)
		if err != nil {
			return err
		}
		if err := b.Put(e.id, data); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere reports whether another pack than p has the blob, whole. It reads it into
// buf.
func (ps *packs) elsewhere(id pdx.ContentID, p *pack, buf []byte) bool {
	for other := range ps.catalog.having(id) {
		if other == p {
			continue
		}
		if _, err := other.read(id, buf); err == nil {
			return true
		}
	}
	return false
}
