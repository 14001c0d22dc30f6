package localnet

import (
	"fmt"

	"github.com/medibloc/pdx/chain/endpoints"
)

// ReadEndpoints returns the endpoints of the running chain of a home: ErrNotRunning if no
// process serves it, however the last one ended; ErrNoChain or ErrHome for a home without
// a whole chain.
func ReadEndpoints(dir string) (endpoints.Endpoints, error) {
	h := home(dir)
	if _, err := h.readSettings(); err != nil {
		return endpoints.Endpoints{}, err
	}
	if lock, err := h.lock(); err == nil {
		return endpoints.Endpoints{}, lockedOut(lock.Close(), dir)
	}
	e, err := endpoints.Read(dir)
	if err != nil || e.PID == 0 {
		return endpoints.Endpoints{}, fmt.Errorf("%w yet: it is just starting or stopping in %s", ErrNotRunning, dir)
	}
	return e, nil
}

func lockedOut(err error, dir string) error {
	if err != nil {
		return fmt.Errorf("unlock home: %w", err)
	}
	return fmt.Errorf("%w in %s", ErrNotRunning, dir)
}
