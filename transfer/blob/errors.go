package blob

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// ErrDisk: the disk reports errors. Nothing that it holds is served unless it
// verifies. Its owner checks the disk and its cables before trying again, which is
// safe.
var ErrDisk = errors.New("the disk reports an input/output error: check it")

// What a store cannot do now. Nothing that it holds is lost by any of them.
var (
	// ErrBusy: somebody else has it open; try again when they are done.
	ErrBusy = fmt.Errorf("in use: %w", pdx.ErrUnavailable)
	// ErrNoSpace: the disk is full, or a quota; free some and try again.
	ErrNoSpace = fmt.Errorf("no space left: %w", pdx.ErrUnavailable)
	// ErrReadOnly: the store may not write there; its owner must allow it.
	ErrReadOnly = fmt.Errorf("not writable: %w", pdx.ErrUnavailable)
)
