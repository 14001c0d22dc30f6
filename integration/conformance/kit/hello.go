package kit

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/exchange/attest"
)

const (
	helloSection   = "network.md, Hello"
	bindingSection = "network.md, Identity: the binding"
	resetsSection  = "network.md, Caches, resets and bounds"

	helloFrame = 1024

	wrongBinding network.StreamErrorCode = 0x70640001
	withheld     network.StreamErrorCode = 0x70640003
)

// spoiling is a binding that breaks one rule. before changes what is signed, after what was.
type spoiling struct {
	id, rule string
	before   func(*attest.Binding)
	after    func(*discoverypb.Binding)
}

var spoilings = []spoiling{
	{id: "audience", rule: "a binding for another reader is refused", before: func(b *attest.Binding) { b.Audience = b.PeerID }},
	{id: "everybody", rule: "a binding for everybody is refused", before: func(b *attest.Binding) { b.Audience = "" }},
	{id: "nonce", rule: "a binding with another challenge is refused", before: func(b *attest.Binding) { b.Nonce = make([]byte, 32) }},
	{id: "no-nonce", rule: "a binding without a challenge is refused", before: func(b *attest.Binding) { b.Nonce = nil }},
	{id: "expired", rule: "a binding that has ended is refused", before: func(b *attest.Binding) { b.Expiry = time.Now().Unix() - 1 }},
	{id: "lasting", rule: "a binding for more than 24 hours is refused", before: func(b *attest.Binding) {
		b.Expiry = time.Now().Unix() + 25*3600
	}},
	{id: "chain", rule: "a binding of another chain is refused", before: func(b *attest.Binding) { b.ChainID += "x" }},
	{id: "peer", rule: "a binding of another peer is refused", before: func(b *attest.Binding) { b.PeerID = b.Audience }},
	{id: "account", rule: "a binding of an account that is not the key's is refused", before: func(b *attest.Binding) {
		b.Account = "panacea13xmp2j5ygcq8rta5203vwufpgk94dq78dkjxvg"
	}},
	{id: "signature", rule: "a wrong signature is refused", after: func(b *discoverypb.Binding) { b.Signature[40] ^= 1 }},
	{id: "high-s", rule: "a signature with s in the upper half is refused", after: func(b *discoverypb.Binding) { negate(b.Signature[32:]) }},
}

func helloChecks() []check {
	checks := []check{
		{
			id: "hello/challenge", section: helloSection, rule: "the responder's challenge has 32 bytes and is fresh", name: "hello/1",
			run: challengesAreFresh,
		},
		{
			id: "hello/stranger", section: "network.md, Who learns an account", name: "hello/1",
			rule: "an account without a tie is reset with 0x70640003 and learns nothing",
			run:  func(ctx context.Context, s *stranger) error { return s.present(ctx, spoiling{}, withheld) },
		},
	}
	for _, sp := range spoilings {
		checks = append(checks, check{
			id: "hello/" + sp.id, section: bindingSection, rule: sp.rule, name: "hello/1",
			run: func(ctx context.Context, s *stranger) error { return s.present(ctx, sp, wrongBinding) },
		})
	}
	hello := &discoverypb.Hello{Challenge: make([]byte, 32)}
	for _, f := range []struct {
		id, rule string
		bytes    []byte
	}{
		{"long", "a frame of more than 1,024 bytes is refused", frame(&discoverypb.Hello{Challenge: make([]byte, helloFrame)})},
		{"varint", "a length that is not minimal is refused", padded(hello)},
		{"short-challenge", "a challenge that has not 32 bytes is refused", frame(&discoverypb.Hello{Challenge: make([]byte, 31)})},
		{"garbage", "a frame that is no protobuf is refused", []byte{3, 0xff, 0xff, 0xff}},
	} {
		checks = append(checks, check{
			id: "hello/" + f.id, section: resetsSection, rule: f.rule, name: "hello/1",
			run: func(ctx context.Context, s *stranger) error {
				t, err := s.open(ctx, "hello/1")
				if err != nil {
					return err
				}
				_, _ = t.Write(f.bytes) // and wait: one that takes the frame answers it
				return t.wantReset(wrongBinding)
			},
		})
	}
	return append(checks, check{
		id: "hello/silence", section: helloSection, rule: "a handshake takes 10 seconds at most", name: "hello/1", slow: true,
		run: func(ctx context.Context, s *stranger) error {
			t, err := s.open(ctx, "hello/1")
			if err != nil {
				return err
			}
			_ = t.SetDeadline(time.Now().Add(14 * time.Second))
			_, _ = t.Write(frame(hello))
			if err := t.receive(new(discoverypb.Hello), helloFrame); err != nil {
				return err
			}
			if _, err := t.in.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				return fmt.Errorf("the responder still waits after 14 seconds")
			}
			return nil
		},
	})
}

// challenge opens a handshake and returns the responder's challenge.
func (s *stranger) challenge(ctx context.Context) (*conversation, []byte, error) {
	t, err := s.open(ctx, "hello/1")
	if err != nil {
		return nil, nil, err
	}
	own := make([]byte, 32)
	_, _ = rand.Read(own)
	if _, err := t.Write(frame(&discoverypb.Hello{Challenge: own})); err != nil {
		return nil, nil, err
	}
	var theirs discoverypb.Hello
	if err := t.receive(&theirs, helloFrame); err != nil {
		return nil, nil, err
	}
	if len(theirs.GetChallenge()) != 32 {
		return nil, nil, fmt.Errorf("the challenge has %d bytes", len(theirs.GetChallenge()))
	}
	return t, theirs.GetChallenge(), nil
}

func challengesAreFresh(ctx context.Context, s *stranger) error {
	t, first, err := s.challenge(ctx)
	if err != nil {
		return err
	}
	_ = t.Reset()
	t, second, err := s.challenge(ctx)
	if err != nil {
		return err
	}
	_ = t.Reset()
	if bytes.Equal(first, second) {
		return errors.New("two handshakes have the same challenge")
	}
	return nil
}

// present shows a binding in a handshake, and wants the stream reset with a code.
func (s *stranger) present(ctx context.Context, sp spoiling, code network.StreamErrorCode) error {
	t, nonce, err := s.challenge(ctx)
	if err != nil {
		return err
	}
	if _, err := t.Write(frame(s.binding(nonce, sp))); err != nil {
		return err
	}
	return t.wantReset(code)
}

// binding signs a binding to the target, spoilt in one way.
func (s *stranger) binding(nonce []byte, sp spoiling) *discoverypb.Binding {
	key := s.key.PubKey().SerializeCompressed()
	account, err := attest.AccountOf(key)
	if err != nil {
		panic(err) // the key is well-formed
	}
	b := attest.Binding{
		ChainID: s.target.ChainID, Account: account, PeerID: s.id().String(), Audience: s.target.Peer.ID.String(),
		Nonce: nonce, Expiry: time.Now().Add(time.Hour).Unix(), PublicKey: key,
	}
	if sp.before != nil {
		sp.before(&b)
	}
	digest := sha256.Sum256(b.SignBytes())
	pb := &discoverypb.Binding{
		ChainId: b.ChainID, Account: string(b.Account), PeerId: b.PeerID, Audience: b.Audience, Nonce: b.Nonce, Expiry: b.Expiry,
		PublicKey: b.PublicKey, Signature: ecdsa.SignCompact(s.key, digest[:], true)[1:],
	}
	if sp.after != nil {
		sp.after(pb)
	}
	return pb
}

// negate replaces a scalar, big-endian, by its negative.
func negate(s []byte) {
	var n secp256k1.ModNScalar
	n.SetByteSlice(s)
	n.Negate().PutBytesUnchecked(s)
}

// greet names the stranger's account to the target, which then knows it, whether or not it
// names its own.
func (s *stranger) greet(ctx context.Context) error {
	t, nonce, err := s.challenge(ctx)
	if err != nil {
		return err
	}
	if _, err := t.Write(frame(s.binding(nonce, spoiling{}))); err != nil {
		return err
	}
	if t.receive(new(discoverypb.Binding), helloFrame) == nil {
		return nil
	}
	return t.wantReset(withheld)
}
