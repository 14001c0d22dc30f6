package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
)

// Codes of a reset stream, in the range that libp2p leaves to applications.
const (
	codeRefused network.StreamErrorCode = 0x7064_0001 // your binding does not count; do not repeat it
	codeFailed  network.StreamErrorCode = 0x7064_0002 // it is not your fault; try again
)

// greet opens a handshake with a peer and remembers its account.
func (s *Service) greet(id peer.ID) (pdx.Address, error) {
	if !s.begin() {
		return "", fmt.Errorf("%w: hello does not run", pdx.ErrUnavailable)
	}
	defer s.wg.Done()
	if account, ok := s.recall(id); ok { // it was greeted while this one began
		return account, nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	// Two small round trips are what a limited, relayed connection is for.
	stream, err := s.host.NewStream(network.WithAllowLimitedConn(ctx, serviceName), id, s.protocol)
	if err != nil {
		return "", fmt.Errorf("%w: open hello: %w", pdx.ErrUnavailable, err)
	}
	proven, err := s.converse(ctx, stream, s.open)
	if err != nil {
		return "", err
	}
	return proven.Account, nil
}

// side is one side's part of a handshake; it returns what the other proved.
type side func(w wire, remote peer.ID, challenge []byte) (Proven, error)

// converse runs one side over a stream that it owns, within ctx and the timeout.
func (s *Service) converse(ctx context.Context, stream network.Stream, part side) (Proven, error) {
	ended := context.AfterFunc(ctx, func() { _ = stream.ResetWithError(codeFailed) })
	defer ended()
	proven, err := s.guarded(stream, part)
	if err != nil {
		_ = stream.ResetWithError(codeOf(err))
		return Proven{}, blame(err)
	}
	_ = stream.Close() // within the deadline; both have all they came for
	return proven, nil
}

// guarded bounds what a handshake may take before any byte is read.
func (s *Service) guarded(stream network.Stream, part side) (proven Proven, err error) {
	remote := stream.Conn().RemotePeer()
	defer s.caught(remote, &err)
	if err := stream.Scope().SetService(serviceName); err != nil {
		return Proven{}, fmt.Errorf("join service: %w", err)
	}
	if err := stream.Scope().ReserveMemory(streamMemory, network.ReservationPriorityMedium); err != nil {
		return Proven{}, fmt.Errorf("reserve memory: %w", err)
	}
	defer stream.Scope().ReleaseMemory(streamMemory)
	if err := stream.SetDeadline(time.Now().Add(s.timeout)); err != nil {
		return Proven{}, fmt.Errorf("set deadline: %w", err)
	}
	challenge := make([]byte, challengeLen)
	rand.Read(challenge) //nolint:errcheck // it never fails
	return part(newWire(stream), remote, challenge)
}

// open is the opener's part: challenge, take a challenge, prove, be proven to.
func (s *Service) open(w wire, remote peer.ID, challenge []byte) (Proven, error) {
	if err := w.write(&discoverypb.Hello{Challenge: challenge}); err != nil {
		return Proven{}, fmt.Errorf("send challenge: %w", err)
	}
	theirs, err := w.readChallenge()
	if err != nil {
		return Proven{}, err
	}
	if err := s.prove(w, remote, theirs); err != nil {
		return Proven{}, err
	}
	return s.check(w, remote, challenge)
}

// answer is the responder's part: it proves itself to the proven only.
func (s *Service) answer(w wire, remote peer.ID, challenge []byte) (Proven, error) {
	theirs, err := w.readChallenge()
	if err != nil {
		return Proven{}, err
	}
	if err := w.write(&discoverypb.Hello{Challenge: challenge}); err != nil {
		return Proven{}, fmt.Errorf("send challenge: %w", err)
	}
	proven, err := s.check(w, remote, challenge)
	if err != nil {
		return Proven{}, err
	}
	return proven, s.prove(w, remote, theirs)
}

func (s *Service) prove(w wire, reader peer.ID, challenge []byte) error {
	b, err := Bind(s.signer, Terms{
		ChainID: s.chainID, Peer: s.host.ID(), Audience: reader, Nonce: challenge,
	}, s.now())
	if err != nil {
		return err
	}
	if err := w.write(b); err != nil {
		return fmt.Errorf("send binding: %w", err)
	}
	return nil
}

// check takes the other side's binding and remembers what it proves.
func (s *Service) check(w wire, speaker peer.ID, challenge []byte) (Proven, error) {
	b, err := w.readBinding()
	if err != nil {
		return Proven{}, err
	}
	proven, err := CheckBinding(b, Terms{
		ChainID: s.chainID, Peer: speaker, Audience: s.host.ID(), Nonce: challenge,
	}, s.now())
	if err != nil {
		return Proven{}, err
	}
	s.known.Add(speaker, proven)
	return proven, nil
}

// codeOf tells the other side what became of the handshake.
func codeOf(err error) network.StreamErrorCode {
	if errors.Is(err, pdx.ErrRefused) {
		return codeRefused
	}
	return codeFailed
}

// blame makes every failure of a handshake ErrRefused or ErrUnavailable.
func blame(err error) error {
	var reset *network.StreamError
	switch {
	case errors.Is(err, pdx.ErrRefused):
		return err
	case errors.As(err, &reset) && reset.Remote && reset.ErrorCode == codeRefused:
		return fmt.Errorf("%w: the peer does not take our binding", pdx.ErrRefused)
	}
	return fmt.Errorf("%w: hello: %w", pdx.ErrUnavailable, err)
}
