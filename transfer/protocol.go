package transfer

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.blob"

// Protocol is the protocol's name on the chain with that id.
func Protocol(chainID string) protocol.ID {
	return protocol.ID("/pdx/" + chainID + "/blob/1")
}

// ManyProtocol is the name of the protocol that moves many small blobs at once.
func ManyProtocol(chainID string) protocol.ID {
	return protocol.ID("/pdx/" + chainID + "/blobs/1")
}

func checkChainID(chainID string) error {
	if chainID == "" || len(chainID) > 50 {
		return fmt.Errorf("chain id %q: %w: 1 to 50 characters are wanted", chainID, pdx.ErrInvalid)
	}
	return nil
}
