package attest

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx"
)

// A Binding is a signed statement of an account that a libp2p peer speaks for it.
type Binding struct {
	ChainID   string
	Account   pdx.Address
	PeerID    string // text form
	Audience  string // the peer id of the only reader; empty means everybody
	Nonce     []byte // the reader's challenge, MaxNonce bytes at most
	Expiry    int64  // seconds since 1970; the binding is valid before that second
	PublicKey []byte // the account's, PublicKeyLen bytes
	Signature []byte // over SignBytes, SignatureLen bytes
}

// SignBytes returns the bytes that the account signs, by way of their SHA-256. They do
// not include the public key, since the account's address is a hash of the key.
//
// They are never the sign bytes of a transaction: they begin with 0x06, which is not
// the start of JSON or of a protobuf field.
func (b Binding) SignBytes() []byte {
	return frames(nil).text("domain", "binding").
		text("chain", b.ChainID).
		text("account", string(b.Account)).
		text("peer", b.PeerID).
		text("audience", b.Audience).
		bytes("nonce", b.Nonce).
		number("expiry", uint64(b.Expiry))
}

// Verify returns ErrSignature unless the fields are within their limits, the public key
// is the account's and the signature is valid, and ErrExpired from the second of Expiry
// on. The caller must check that chain, peer, audience and nonce are the expected ones.
func (b Binding) Verify(now time.Time) error {
	if err := b.checkSizes(); err != nil {
		return fmt.Errorf("binding: %w", err)
	}
	if now.Unix() >= b.Expiry {
		return fmt.Errorf("binding: %w", ErrExpired)
	}
	if err := verifyAccount(b.Account, b.PublicKey, b.SignBytes(), b.Signature); err != nil {
		return fmt.Errorf("binding: %w", err)
	}
	return nil
}

func (b Binding) checkSizes() error {
	for _, f := range []struct {
		name string
		n    int
		max  int
	}{
		{"chain id", len(b.ChainID), maxChainID},
		{"account", len(b.Account), maxAddress},
		{"peer id", len(b.PeerID), maxPeerID},
		{"audience", len(b.Audience), maxPeerID},
		{"nonce", len(b.Nonce), MaxNonce},
	} {
		if f.n > f.max {
			return fmt.Errorf("%w: %s of %d bytes", ErrSignature, f.name, f.n)
		}
	}
	if b.ChainID == "" || b.Account == "" || b.PeerID == "" {
		return fmt.Errorf("%w: chain id, account or peer id missing", ErrSignature)
	}
	return nil
}
