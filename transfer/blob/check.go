package blob

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// CheckPartial refuses what no pull can complete, with pdx.ErrInvalid: a size
// beyond bao.MaxSize, a size of 0 with any root but bao.EmptyRoot, and another
// size with bao.EmptyRoot. Stores call it.
func CheckPartial(id pdx.ContentID, size uint64) error {
	if err := bao.CheckSize(size); err != nil {
		return err
	}
	if (size == 0) != (id == bao.EmptyRoot) {
		return fmt.Errorf("partial blob %v: %w: it cannot have %d bytes", id, pdx.ErrInvalid, size)
	}
	return nil
}
