package transfer

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// Client pulls blobs from peers into a store.
type Client struct {
	options
	host     host.Host
	protocol protocol.ID
	many     protocol.ID
	store    blob.Store
}

// NewClient wires a client; it starts nothing.
func NewClient(h host.Host, chainID string, store blob.Store, opts ...Option) (*Client, error) {
	if h == nil || store == nil {
		return nil, fmt.Errorf("transfer client: %w: host and store are needed", pdx.ErrInvalid)
	}
	if err := checkChainID(chainID); err != nil {
		return nil, err
	}
	return &Client{options: newOptions(opts), host: h, protocol: Protocol(chainID), many: ManyProtocol(chainID), store: store}, nil
}
