package identity

import (
	"context"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
)

// Codes of a reset stream, in the range that libp2p leaves to applications.
const (
	codeRefused network.StreamErrorCode = 0x7064_0001 // your binding does not count; do not repeat it
	codeFailed  network.StreamErrorCode = 0x7064_0002 // it is not your fault; try again
)

// kinds: a frame that is wrong is refused like a binding that is. What is neither
// refused nor too much is worth another try.
var kinds = stream.Kinds{
	Frame: pdx.ErrRefused, Unsupported: pdx.ErrUnavailable, Busy: pdx.ErrUnavailable, Lost: pdx.ErrUnavailable,
	Codes:  []stream.Code{{Err: pdx.ErrRefused, Reset: codeRefused}, {Err: stream.ErrStopped, Reset: codeFailed}},
	Failed: codeFailed,
}

// serve answers a greeting.
func (s *Service) serve(_ context.Context, st *stream.ServerStream) error {
	w := s.wire(st.Stream)
	theirs, err := w.readChallenge()
	if err != nil {
		return err
	}
	hold := st.Transfer() // for a peer that has begun, not for one that opened a stream
	defer hold.End()
	return s.answer(w, theirs)
}
