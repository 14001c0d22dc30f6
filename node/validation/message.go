package validation

import (
	"fmt"
	"log/slog"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
)

// Protocol is the protocol's id on a chain.
func Protocol(chainID string) protocol.ID {
	return protocol.ID("/pdx/" + chainID + "/validate/1")
}

// Request asks for a deal to be validated. Opening is a secret between seller
// and validator.
type Request struct {
	Deal    pdx.DealID
	Opening pdx.Element // M
	Proof   [64]byte    // dleq-v1 over (S, H, M)
}

// LogValue shows the deal only.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String shows the deal only.
func (r Request) String() string { return "request for deal " + r.Deal.String() }

// Format shows the deal only, whatever the verb.
func (r Request) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }
