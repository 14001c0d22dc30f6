package blob

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// CheckPartial refuses what no pull can complete, with pdx.ErrInvalid: a size
// beyond bao.MaxSize, no bytes for a root that is not theirs, and bytes for
// the root of none. Stores call it.
func CheckPartial(id pdx.ContentID, size uint64) error {
	if err := bao.CheckSize(size); err != nil {
		return err
	}
	if (size == 0) != (id == bao.EmptyRoot) {
		return fmt.Errorf("partial blob %v: %w: it cannot have %d bytes", id, pdx.ErrInvalid, size)
	}
	return nil
}
