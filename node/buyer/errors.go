package buyer

import (
	"fmt"

	"github.com/medibloc/pdx"
)

var (
	// ErrUnsettled: an earlier attempt to create the pool may still be taken by
	// the chain; the same request succeeds later.
	ErrUnsettled = fmt.Errorf("%w: an earlier transaction for this pool may still be under way", pdx.ErrUnavailable)
	// ErrNoKey: the pool's key is not on this machine (or was destroyed with the
	// pool's end), so its datasets cannot be decrypted here.
	ErrNoKey = fmt.Errorf("%w: the pool's key is not in this home: it was lost, or destroyed when the pool had ended;"+
		" nothing is acknowledged without it; "+lostAdvice, pdx.ErrInvalid)
	errLost = fmt.Errorf("%w: this disk lost the ciphertext; it is pulled again", pdx.ErrUnavailable)
)
