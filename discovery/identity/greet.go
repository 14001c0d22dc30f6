package identity

import (
	"context"
	"crypto/rand"
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
	if account, ok := s.recall(id); ok { // it was greeted while this one began
		return account, nil
	}
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
	return s.check(w)
}

// answer is the responder's part after the opener's challenge: it proves itself to the
// proven only.
func (s *Service) answer(w wire, theirs []byte) error {
	if err := w.sendChallenge(); err != nil {
		return err
	}
	if _, err := s.check(w); err != nil {
		return err
	}
	return s.prove(w, theirs)
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

// check takes the other side's binding and remembers what it proves.
func (s *Service) check(w wire) (Proven, error) {
	var b discoverypb.Binding
	if err := w.ReadFrame(&b, time.Until(w.end)); err != nil {
		return Proven{}, err
	}
	proven, err := CheckBinding(&b, Terms{
		ChainID: s.chainID, Peer: w.Peer(), Audience: s.host.ID(), Nonce: w.challenge,
	}, s.now())
	if err != nil {
		return Proven{}, err
	}
	s.known.Add(w.Peer(), proven)
	return proven, nil
}
