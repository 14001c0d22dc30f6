package identity

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
)

// Codes of a reset stream, in the range that libp2p leaves to applications.
const (
	codeRefused  network.StreamErrorCode = 0x7064_0001 // your binding does not count; do not repeat it
	codeFailed   network.StreamErrorCode = 0x7064_0002 // it is not your fault; try again
	codeWithheld network.StreamErrorCode = 0x7064_0003 // your account is known here; ours is not named to it
)

// ErrWithheld means that a peer has learned this node's account and does not name its
// own, because its ledger does not tie it to this account. It wraps pdx.ErrRefused, but
// the next block may bring the tie.
var ErrWithheld = fmt.Errorf("%w: the peer does not name its account to this one", pdx.ErrRefused)

// kinds: a frame that is wrong is refused like a binding that is. What is neither
// refused nor too much is worth another try.
var kinds = stream.Kinds{
	Frame: pdx.ErrRefused, Unsupported: pdx.ErrUnavailable, Busy: pdx.ErrUnavailable, Lost: pdx.ErrUnavailable,
	Codes: []stream.Code{ // ErrWithheld is an ErrRefused and comes first
		{Err: ErrWithheld, Reset: codeWithheld}, {Err: pdx.ErrRefused, Reset: codeRefused}, {Err: stream.ErrStopped, Reset: codeFailed},
	},
	Failed: codeFailed,
}

// serve answers a greeting.
func (s *Service) serve(ctx context.Context, st *stream.ServerStream) error {
	w := s.wire(st.Stream)
	theirs, err := w.readChallenge()
	if err != nil {
		return err
	}
	hold := st.Transfer() // for a peer that has begun, not for one that opened a stream
	defer hold.End()
	return s.answer(ctx, w, theirs)
}
