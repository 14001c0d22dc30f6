package attest

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx"
)

// Notice is a message of a pool's topic. Losing or forging one costs time,
// never money: the ledger holds the truth.
type Notice struct {
	Binding   Binding // of the author; for everybody
	Pool      pdx.PoolID
	Sent      int64      // milliseconds since 1970
	Body      NoticeBody // Offered, Availability or Holding
	Signature []byte     // over SignBytes, by the binding's key
}

// NoticeBody is what a notice says.
type NoticeBody interface {
	kind() string
	fields(frames) frames
}

// Offered announces a deal.
type Offered struct {
	Deal pdx.DealID
}

// Availability tells how long a validator's queue is.
type Availability struct {
	Queue, Capacity uint32 // datasets
}

// Holding tells that the author serves a ciphertext.
type Holding struct {
	Deal pdx.DealID
	Root pdx.ContentID
}

func (Offered) kind() string      { return "offered" }
func (Availability) kind() string { return "availability" }
func (Holding) kind() string      { return "holding" }

func (o Offered) fields(f frames) frames { return f.number("deal", uint64(o.Deal)) }

func (a Availability) fields(f frames) frames {
	return f.number("queue", uint64(a.Queue)).number("capacity", uint64(a.Capacity))
}

func (h Holding) fields(f frames) frames {
	return f.number("deal", uint64(h.Deal)).bytes("root", h.Root[:])
}

// SignBytes is what the account signs. Chain, account and peer are the
// binding's. A notice without a body has none: nil.
func (n Notice) SignBytes() []byte {
	if n.Body == nil {
		return nil
	}
	f := frames(nil).text("domain", "notice").
		text("chain", n.Binding.ChainID).
		text("account", string(n.Binding.Account)).
		text("peer", n.Binding.PeerID).
		number("pool", uint64(n.Pool)).
		number("sent", uint64(n.Sent)).
		text("kind", n.Body.kind())
	return n.Body.fields(f)
}

// Verify checks the binding and the signature; ErrSignature or ErrExpired. The
// caller checks that chain, pool and peer are the topic's and the sender's, that
// Sent is recent, and what role the account has on chain.
func (n Notice) Verify(now time.Time) error {
	if n.Body == nil || n.Binding.Audience != "" {
		return fmt.Errorf("notice: %w: no body, or a binding for one reader", ErrSignature)
	}
	if err := n.Binding.Verify(now); err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	if err := verifyAccount(n.Binding.Account, n.Binding.PublicKey, n.SignBytes(), n.Signature); err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	return nil
}
