package localnet

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// What a caller must tell apart.
var (
	// ErrRunning: another Chain holds the home.
	ErrRunning = fmt.Errorf("%w: the chain is running", pdx.ErrWrongState)
	// ErrNotRunning: nothing serves the home; start it first.
	ErrNotRunning = fmt.Errorf("%w: the chain is not running", pdx.ErrUnavailable)
	// ErrExists: the home has a chain already.
	ErrExists = fmt.Errorf("%w: a chain is there already", pdx.ErrWrongState)
	// ErrNoChain: the home has no chain yet; Init makes one.
	ErrNoChain = fmt.Errorf("%w: no chain", pdx.ErrNotFound)
	// ErrPort: a wanted address cannot be listened on.
	ErrPort = fmt.Errorf("%w: cannot listen", pdx.ErrUnavailable)
	// ErrHome: files of the home are missing or damaged.
	ErrHome = fmt.Errorf("%w: the chain's home is damaged", pdx.ErrCorrupt)
)
