package adversary

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/p2p/stream"
)

// maxFrame is the longest frame of hello, in bytes.
const maxFrame = 1 << 10

// Forge makes the binding that an impostor sends to reader in answer to challenge.
type Forge func(ctx context.Context, reader peer.ID, challenge []byte) (*discoverypb.Binding, error)

// Impostor is a peer whose bindings are forged.
type Impostor struct {
	Peer
	forge Forge
}

// NewImpostor returns an impostor without a Forge yet.
func NewImpostor(t testing.TB, chainID string) *Impostor {
	t.Helper()
	i := &Impostor{Peer: Peer{Host: NewHost(t), chainID: chainID, t: t}}
	i.Host.SetStreamHandler(i.protocol(), func(s network.Stream) {
		if err := i.answer(t.Context(), s); err != nil {
			_ = s.Reset()
		}
	})
	return i
}

// With sets the Forge of the impostor. It must not be called during a handshake.
func (i *Impostor) With(forge Forge) *Impostor {
	i.forge = forge
	return i
}

// Own returns a Forge whose bindings are right except for the signer: signer binds the
// impostor's peer id, whatever account it claims.
func (i *Impostor) Own(signer identity.Signer) Forge {
	return func(_ context.Context, reader peer.ID, challenge []byte) (*discoverypb.Binding, error) {
		return identity.Bind(signer, identity.Terms{ChainID: i.chainID, Peer: i.Host.ID(), Audience: reader, Nonce: challenge}, time.Now())
	}
}

// Relayed returns a Forge that makes victim answer the challenge, and passes the answer on.
// A victim answers only accounts that the ledger ties to it, so the impostor first proves to
// be signer.
func (i *Impostor) Relayed(victim peer.ID, signer identity.Signer) Forge {
	return func(ctx context.Context, _ peer.ID, challenge []byte) (*discoverypb.Binding, error) {
		return i.greet(ctx, victim, challenge, i.Own(signer))
	}
}

// Replayed returns a Forge that sends the same binding to everybody.
func Replayed(b *discoverypb.Binding) Forge {
	return func(context.Context, peer.ID, []byte) (*discoverypb.Binding, error) { return b, nil }
}

// Binding returns the binding by which victim binds itself to the impostor, after the
// impostor has proven to be signer.
func (i *Impostor) Binding(victim peer.ID, signer identity.Signer) (*discoverypb.Binding, error) {
	challenge := make([]byte, challengeLen)
	_, _ = rand.Read(challenge)
	return i.greet(i.t.Context(), victim, challenge, i.Own(signer))
}

// OpenForged opens a handshake with a forged binding. It returns pdx.ErrRefused if the
// other peer detected that, and nil if it believed the binding.
func (i *Impostor) OpenForged(to peer.ID) error {
	challenge := make([]byte, challengeLen)
	_, _ = rand.Read(challenge)
	_, err := i.greet(i.t.Context(), to, challenge, i.forge)
	return err
}

const (
	challengeLen = 32
	// codeRefused is the code with which a peer that refuses a binding resets the stream.
	codeRefused network.StreamErrorCode = 0x7064_0001
	// codeWithheld is the code of a peer that does not name its account to this one.
	codeWithheld network.StreamErrorCode = 0x7064_0003
)

func (i *Impostor) protocol() protocol.ID { return protocol.ID("/pdx/" + i.chainID + "/hello/1") }

// greet returns the opener's side: it returns the binding of the other.
func (i *Impostor) greet(ctx context.Context, to peer.ID, challenge []byte, forge Forge) (*discoverypb.Binding, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := i.Host.NewStream(ctx, to, i.protocol())
	if err != nil {
		return nil, fmt.Errorf("open hello: %w", err)
	}
	defer func() { _ = s.Reset() }()
	_ = s.SetDeadline(time.Now().Add(patience))
	in := bufio.NewReader(s)
	var theirs discoverypb.Hello
	if err := stream.WriteFrame(s, &discoverypb.Hello{Challenge: challenge}); err != nil {
		return nil, fmt.Errorf("send challenge: %w", err)
	}
	if err := stream.ReadFrame(in, maxFrame, &theirs); err != nil {
		return nil, fmt.Errorf("read challenge: %w", seen(err))
	}
	mine, err := forge(ctx, to, theirs.Challenge)
	if err != nil {
		return nil, fmt.Errorf("forge: %w", err)
	}
	if err := stream.WriteFrame(s, mine); err != nil {
		return nil, fmt.Errorf("send binding: %w", seen(err))
	}
	b := &discoverypb.Binding{}
	if err := stream.ReadFrame(in, maxFrame, b); err != nil {
		return nil, fmt.Errorf("read binding: %w", seen(err))
	}
	return b, nil
}

// answer is the responder's side; it accepts any opener without proof.
func (i *Impostor) answer(ctx context.Context, s network.Stream) error {
	_ = s.SetDeadline(time.Now().Add(patience))
	in, challenge := bufio.NewReader(s), bytes.Repeat([]byte{1}, challengeLen)
	var theirs discoverypb.Hello
	if err := stream.ReadFrame(in, maxFrame, &theirs); err != nil {
		return err
	}
	if err := stream.WriteFrame(s, &discoverypb.Hello{Challenge: challenge}); err != nil {
		return err
	}
	if err := stream.ReadFrame(in, maxFrame, &discoverypb.Binding{}); err != nil {
		return err
	}
	forged, err := i.forge(ctx, s.Conn().RemotePeer(), theirs.Challenge)
	if err != nil {
		return err
	}
	if err := stream.WriteFrame(s, forged); err != nil {
		return err
	}
	return s.Close()
}

// seen makes a reset that says so pdx.ErrRefused or identity.ErrWithheld.
func seen(err error) error {
	var reset *network.StreamError
	if !errors.As(err, &reset) || !reset.Remote {
		return err
	}
	switch reset.ErrorCode {
	case codeRefused:
		return fmt.Errorf("%w: %w", pdx.ErrRefused, err)
	case codeWithheld:
		return fmt.Errorf("%w: %w", identity.ErrWithheld, err)
	}
	return err
}
