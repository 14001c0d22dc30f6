package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/p2p/stream"
)

// greet opens a handshake with a peer and remembers its account.
func (s *Service) greet(id peer.ID) (pdx.Address, error) {
	if !s.begin() {
		return "", fmt.Errorf("%w: hello does not run", pdx.ErrUnavailable)
	}
	defer s.greetings.Done()
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	var proven Proven
	// Two small round trips are what a limited, relayed connection is for.
	err := s.dialer.Do(ctx, id, func(st *stream.Stream) (err error) {
		proven, err = s.open(s.wire(st))
		return err
	})
	return proven.Account, err
}

// greetUnlessKnown is greet for a peer that may have been greeted while this call began.
func (s *Service) greetUnlessKnown(id peer.ID) (pdx.Address, error) {
	if account, ok := s.recall(id); ok {
		return account, nil
	}
	return s.greet(id)
}

// wire is a stream of a handshake, which has one deadline for all of its frames.
type wire struct {
	*stream.Stream
	challenge []byte // ours
	end       time.Time
}

func (s *Service) wire(st *stream.Stream) wire {
	w := wire{Stream: st, challenge: make([]byte, challengeLen), end: time.Now().Add(s.timeout)}
	rand.Read(w.challenge) // it never fails
	return w
}

func (w wire) sendChallenge() error {
	return w.WriteFrame(&discoverypb.Hello{Challenge: w.challenge}, time.Until(w.end))
}

func (w wire) readChallenge() ([]byte, error) {
	var hello discoverypb.Hello
	if err := w.ReadFrame(&hello, time.Until(w.end)); err != nil {
		return nil, err
	}
	return challengeOf(&hello)
}

func challengeOf(hello *discoverypb.Hello) ([]byte, error) {
	if len(hello.GetChallenge()) != challengeLen {
		return nil, fmt.Errorf("%w: a challenge of %d bytes", pdx.ErrRefused, len(hello.GetChallenge()))
	}
	return hello.GetChallenge(), nil
}

// open is the opener's part: challenge, take a challenge, prove, be proven to.
func (s *Service) open(w wire) (Proven, error) {
	if err := w.sendChallenge(); err != nil {
		return Proven{}, err
	}
	theirs, err := w.readChallenge()
	if err != nil {
		return Proven{}, err
	}
	if err := s.prove(w, theirs); err != nil {
		return Proven{}, err
	}
	proven, err := s.check(w)
	if err == nil {
		s.known.Add(w.Peer(), proven)
	}
	if err == nil || errors.Is(err, ErrWithheld) {
		s.introduced.Add(w.Peer(), introduction{w.Conn().ID(), s.now()})
	}
	return proven, err
}

// answer is the responder's part after the opener's challenge. It remembers every account
// that is proven, and proves its own only to those that Admit lets know it.
func (s *Service) answer(ctx context.Context, w wire, theirs []byte) error {
	if err := w.sendChallenge(); err != nil {
		return err
	}
	proven, err := s.check(w)
	if err != nil {
		return err
	}
	if err := s.admit(ctx, w, proven); err != nil {
		return err
	}
	if err := s.prove(w, theirs); err != nil {
		return err
	}
	s.introduced.Add(w.Peer(), introduction{w.Conn().ID(), s.now()})
	return nil
}

// admit returns nil if the peer may learn this node's account.
func (s *Service) admit(ctx context.Context, w wire, proven Proven) error {
	ctx, cancel := context.WithDeadline(ctx, w.end)
	defer cancel()
	err := s.admits(ctx, proven.Account)
	switch {
	case err == nil:
		s.strangers.Remove(w.Peer())
		s.known.Add(w.Peer(), proven)
		return nil
	case !s.known.Contains(w.Peer()): // else it is a peer that this node greeted
		s.strangers.Add(w.Peer(), proven)
	default:
		s.known.Add(w.Peer(), proven)
	}
	if errors.Is(err, pdx.ErrRefused) {
		return fmt.Errorf("%w: %w", ErrWithheld, err)
	}
	return err
}

func (s *Service) prove(w wire, challenge []byte) error {
	b, err := Bind(s.signer, Terms{
		ChainID: s.chainID, Peer: s.host.ID(), Audience: w.Peer(), Nonce: challenge,
	}, s.now())
	if err != nil {
		return fmt.Errorf("%w: %w", pdx.ErrUnavailable, err)
	}
	return w.WriteFrame(b, time.Until(w.end))
}

// check takes the other side's binding and returns what it proves.
func (s *Service) check(w wire) (Proven, error) {
	var b discoverypb.Binding
	if err := w.ReadFrame(&b, time.Until(w.end)); err != nil {
		return Proven{}, err
	}
	return CheckBinding(&b, Terms{
		ChainID: s.chainID, Peer: w.Peer(), Audience: s.host.ID(), Nonce: w.challenge,
	}, s.now())
}
