package localnet

import (
	"encoding/json"
	"fmt"
	"os"
)

// Endpoints is where a chain is reached, as scripts read it from the home's
// endpoints.json.
type Endpoints struct {
	ChainID string `json:"chain_id"`
	GRPC    string `json:"grpc"` // host:port, without TLS
	RPC     string `json:"rpc"`  // http://host:port
	REST    string `json:"rest"` // http://host:port
	Home    string `json:"home"`
	PID     int    `json:"pid"` // 0 when the chain was stopped
	// Trust is the chain's first block, from this process's own store: where
	// verified reads begin.
	Trust Trust `json:"trust"`
}

// Trust is a block that everybody who can read the home may trust.
type Trust struct {
	Height int64  `json:"height"`
	Hash   string `json:"hash"` // hex
}

// ReadEndpoints returns the addresses of the chain of a home; ErrNotRunning if no
// process serves it, however it ended.
func ReadEndpoints(dir string) (Endpoints, error) {
	h := home(dir)
	if _, err := h.readSettings(); err != nil {
		return Endpoints{}, err
	}
	if lock, err := h.lock(); err == nil {
		return Endpoints{}, lockedOut(lock.Close(), dir)
	}
	e, err := h.readEndpoints()
	if err != nil || e.PID == 0 {
		return Endpoints{}, fmt.Errorf("%w yet: it is just starting or stopping in %s", ErrNotRunning, dir)
	}
	return e, nil
}

func lockedOut(err error, dir string) error {
	if err != nil {
		return fmt.Errorf("unlock home: %w", err)
	}
	return fmt.Errorf("%w in %s", ErrNotRunning, dir)
}

func (h home) readEndpoints() (Endpoints, error) {
	var e Endpoints
	raw, err := os.ReadFile(h.endpointsFile())
	if err != nil {
		return e, fmt.Errorf("read endpoints: %w", err)
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, fmt.Errorf("read endpoints: %w", err)
	}
	return e, nil
}
