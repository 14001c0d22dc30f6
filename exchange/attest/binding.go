package attest

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx"
)

// A Binding is an account's statement that a peer speaks for it.
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

// SignBytes returns what the account signs. It does not include the key, which the account
// determines, so that it can be made before the key is known.
//
// No transaction has such bytes: they begin with 0x06, which starts neither JSON nor a
// protobuf field.
func (b Binding) SignBytes() []byte {
	return frames(nil).text("domain", "binding").
		text("chain", b.ChainID).
		text("account", string(b.Account)).
		text("peer", b.PeerID).
		text("audience", b.Audience).
		bytes("nonce", b.Nonce).
		number("expiry", uint64(b.Expiry))
}

// Verify checks size, expiry, key and signature, and returns ErrSignature or ErrExpired. The
// caller checks that chain, peer, audience and nonce are the expected ones.
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
