// Package endpoints has the file in which a development chain says where it listens
// and which of its blocks to trust. The chain writes it (package localnet); programs
// that do not link the chain read it.
package endpoints

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// File is the name of the file in the chain's home.
const File = "endpoints.json"

// Endpoints is where a chain is reached.
type Endpoints struct {
	ChainID string `json:"chain_id"`
	GRPC    string `json:"grpc"` // host:port, without TLS
	RPC     string `json:"rpc"`  // http://host:port
	REST    string `json:"rest"` // http://host:port
	Home    string `json:"home"` // absolute
	PID     int    `json:"pid"`  // of the process that serves it; 0 after it stopped
	// Trust is the chain's first block, which the chain read from its own store: verified
	// reads begin there.
	Trust Trust `json:"trust"`
}

// Trust is a block that everybody who can read the home may trust.
type Trust struct {
	Height int64  `json:"height"`
	Hash   string `json:"hash"` // of the header, 64 hex digits
}

// Read returns the endpoints in the home of a chain. The error wraps os.ErrNotExist
// before the chain's first start. A process that was killed leaves a file with its PID.
func Read(home string) (Endpoints, error) {
	name := filepath.Join(home, File)
	raw, err := os.ReadFile(name)
	if err != nil {
		return Endpoints{}, fmt.Errorf("read endpoints: %w", err)
	}
	var e Endpoints
	if err := json.Unmarshal(raw, &e); err != nil {
		return Endpoints{}, fmt.Errorf("read endpoints: %s: %w", name, err)
	}
	return e, nil
}
