package identity

import (
	"bytes"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/exchange/attest"
)

const (
	// Lifetime is how long a binding of Bind is valid. It is half of MaxLifetime, so
	// that clocks may differ by hours; a node that changes its account is known by the
	// new one within a day.
	Lifetime = 12 * time.Hour
	// MaxLifetime is the longest remaining validity that CheckBinding accepts.
	MaxLifetime = 24 * time.Hour
)

// A Signer signs for an account. It must be safe for concurrent use.
type Signer interface {
	// Account is the address that PublicKey belongs to.
	Account() pdx.Address
	// PublicKey is the compressed secp256k1 key, 33 bytes.
	PublicKey() []byte
	// Sign signs the SHA-256 of message. A signature is 64 bytes, r ‖ s, with s in the
	// lower half.
	Sign(message []byte) ([]byte, error)
}

// Terms are what a binding must say: the chain, the peer that speaks for the account,
// the peer that reads it (Audience, empty for everybody), and the challenge that it
// answers (Nonce, empty for none).
type Terms struct {
	ChainID  string
	Peer     peer.ID
	Audience peer.ID
	Nonce    []byte
}

// A Proven is what a valid binding proves.
type Proven struct {
	Account pdx.Address
	Expiry  time.Time
}

// Bind returns a binding of signer's account with these terms, valid until Lifetime
// after now.
func Bind(signer Signer, terms Terms, now time.Time) (*discoverypb.Binding, error) {
	b := attest.Binding{
		ChainID:   terms.ChainID,
		Account:   signer.Account(),
		PeerID:    terms.Peer.String(),
		Audience:  audience(terms.Audience),
		Nonce:     terms.Nonce,
		Expiry:    now.Add(Lifetime).Unix(),
		PublicKey: signer.PublicKey(),
	}
	signature, err := signer.Sign(b.SignBytes())
	if err != nil {
		return nil, fmt.Errorf("sign a binding: %w", err)
	}
	return &discoverypb.Binding{
		ChainId: b.ChainID, Account: string(b.Account), PeerId: b.PeerID, Audience: b.Audience,
		Nonce: b.Nonce, Expiry: b.Expiry, PublicKey: b.PublicKey, Signature: signature,
	}, nil
}

// CheckBinding returns the account that a binding proves and the binding's expiry. It
// returns pdx.ErrRefused if pb is nil, differs from terms, is valid for longer than
// MaxLifetime, has expired (attest.ErrExpired), or is not signed by the account that it
// names (attest.ErrSignature).
func CheckBinding(pb *discoverypb.Binding, terms Terms, now time.Time) (Proven, error) {
	if err := matches(pb, terms); err != nil {
		return Proven{}, err
	}
	if pb.GetExpiry() > now.Add(MaxLifetime).Unix() {
		return Proven{}, refused("it counts for more than %v", MaxLifetime)
	}
	b := attest.Binding{
		ChainID: pb.GetChainId(), Account: pdx.Address(pb.GetAccount()), PeerID: pb.GetPeerId(), Audience: pb.GetAudience(),
		Nonce: pb.GetNonce(), Expiry: pb.GetExpiry(), PublicKey: pb.GetPublicKey(), Signature: pb.GetSignature(),
	}
	if err := b.Verify(now); err != nil {
		return Proven{}, err
	}
	return Proven{Account: b.Account, Expiry: time.Unix(b.Expiry, 0)}, nil
}

func matches(pb *discoverypb.Binding, terms Terms) error {
	switch {
	case pb == nil:
		return refused("it is missing")
	case pb.GetChainId() != terms.ChainID:
		return refused("it is for another chain")
	case pb.GetPeerId() != terms.Peer.String():
		return refused("it is about another peer")
	case pb.GetAudience() != audience(terms.Audience):
		return refused("it is for another reader")
	case !bytes.Equal(pb.GetNonce(), terms.Nonce):
		return refused("it answers another challenge")
	}
	return nil
}

func refused(reason string, args ...any) error {
	return fmt.Errorf("binding: %w: "+reason, append([]any{pdx.ErrRefused}, args...)...)
}

// audience is the text of a peer id; nobody in particular is empty.
func audience(id peer.ID) string {
	if id == "" {
		return ""
	}
	return id.String()
}
