package transfer

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// parseMany is the roots of a frame that asks for many blobs; what is wrong is
// pdx.ErrInvalid.
func parseMany(m *transferpb.Many) ([]pdx.ContentID, error) {
	const size = len(pdx.ContentID{})
	b := m.GetRoots()
	if n := len(b); n == 0 || n%size != 0 || n > MaxManyRoots*size {
		return nil, fmt.Errorf("%w: %d bytes of roots, which have %d each and are 1 to %d", pdx.ErrInvalid, n, size, MaxManyRoots)
	}
	ids := make([]pdx.ContentID, 0, len(b)/size)
	seen := make(map[pdx.ContentID]bool, cap(ids))
	for ; len(b) > 0; b = b[size:] {
		id := pdx.ContentID(b[:size])
		if seen[id] {
			return nil, fmt.Errorf("%w: %v is asked for twice", pdx.ErrInvalid, id)
		}
		seen[id] = true
		ids = append(ids, id)
	}
	return ids, nil
}

func manyMessage(ids []pdx.ContentID) *transferpb.Many {
	m := new(transferpb.Many)
	for _, id := range ids {
		m.Roots = append(m.Roots, id[:]...)
	}
	return m
}
