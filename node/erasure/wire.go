package erasure

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/erasure/erasurepb"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/p2p/stream"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.erasure"

// Protocol returns the protocol's id on a chain.
func Protocol(chainID string) protocol.ID { return protocol.ID("/pdx/" + chainID + "/erasure/1") }

// ErrProtocol: the other side sent something that this protocol does not have.
var ErrProtocol = fmt.Errorf("%w: the peer breaks the erasure protocol", pdx.ErrRefused)

// kinds: a buyer that does not speak the protocol may learn it, and everything else but a
// broken protocol may be tried again.
var kinds = stream.Kinds{Frame: ErrProtocol, Unsupported: pdx.ErrUnavailable, Busy: pdx.ErrUnavailable, Lost: pdx.ErrUnavailable}

// A Request is what a message carries of a seller's request.
type Request struct {
	Deal      pdx.DealID
	Asked     time.Time
	Reason    string
	PublicKey []byte
	Signature []byte
}

func requestOf(e model.Erasure) Request {
	return Request{e.Deal, e.Asked, e.Reason, e.PublicKey, e.Signature}
}

func encodeRequest(r Request) *erasurepb.Request {
	return &erasurepb.Request{
		DealId: uint64(r.Deal), Asked: r.Asked.Unix(), Reason: r.Reason, PublicKey: r.PublicKey, Signature: r.Signature,
	}
}

func decodeRequest(m *erasurepb.Request) (Request, error) {
	r := Request{pdx.DealID(m.GetDealId()), time.Unix(m.GetAsked(), 0).UTC(), m.GetReason(), m.GetPublicKey(), m.GetSignature()}
	if r.Deal == 0 || m.GetAsked() <= 0 || m.GetAsked() > maxTime || !formed(r.Reason, r.PublicKey, r.Signature) {
		return Request{}, fmt.Errorf("%w: a request needs a deal, a time, a key of 33 bytes and a signature of 64 bytes, and its reason"+
			" has at most %d bytes of UTF-8", ErrProtocol, MaxText)
	}
	return r, nil
}

// maxTime is the last second of the year 9999: what JSON can write.
const maxTime = 253402300799

func formed(text string, key, signature []byte) bool {
	return len(text) <= MaxText && utf8.ValidString(text) && len(key) == attest.PublicKeyLen && len(signature) == attest.SignatureLen
}

// encodeAnswer says what became of a request: the buyer's answer, or nothing yet, or why it was
// not taken.
func encodeAnswer(answer *model.ErasureAnswer, err error) *erasurepb.Answer {
	switch {
	case err == nil && answer == nil:
		return &erasurepb.Answer{Outcome: erasurepb.Outcome_OUTCOME_TAKEN}
	case err == nil:
		m := &erasurepb.Answer{
			Outcome: erasurepb.Outcome_OUTCOME_REFUSED, Answered: answer.At.Unix(), Note: answer.Note,
			PublicKey: answer.PublicKey, Signature: answer.Signature,
		}
		if answer.Erased {
			m.Outcome = erasurepb.Outcome_OUTCOME_ERASED
		}
		return m
	case errors.Is(err, pdx.ErrRefused), errors.Is(err, pdx.ErrInvalid), errors.Is(err, pdx.ErrWrongState):
		return &erasurepb.Answer{Outcome: erasurepb.Outcome_OUTCOME_INVALID}
	}
	return &erasurepb.Answer{Outcome: erasurepb.Outcome_OUTCOME_LATER}
}

// decodeAnswer returns the buyer's answer, nil if it has taken the request and not answered it.
func decodeAnswer(m *erasurepb.Answer) (*model.ErasureAnswer, error) {
	switch m.GetOutcome() {
	case erasurepb.Outcome_OUTCOME_TAKEN:
		return nil, nil
	case erasurepb.Outcome_OUTCOME_LATER:
		return nil, fmt.Errorf("%w: the buyer's node cannot take the request now", pdx.ErrUnavailable)
	case erasurepb.Outcome_OUTCOME_INVALID:
		return nil, fmt.Errorf("%w: the buyer's node does not take the request", pdx.ErrRefused)
	case erasurepb.Outcome_OUTCOME_ERASED, erasurepb.Outcome_OUTCOME_REFUSED:
	default:
		return nil, fmt.Errorf("%w: outcome %d", ErrProtocol, m.GetOutcome())
	}
	if m.GetAnswered() <= 0 || m.GetAnswered() > maxTime || !formed(m.GetNote(), m.GetPublicKey(), m.GetSignature()) {
		return nil, fmt.Errorf("%w: an answer without a time, a key of 33 bytes or a signature of 64 bytes", ErrProtocol)
	}
	return &model.ErasureAnswer{
		Erased: m.GetOutcome() == erasurepb.Outcome_OUTCOME_ERASED, At: time.Unix(m.GetAnswered(), 0).UTC(), Note: m.GetNote(),
		PublicKey: m.GetPublicKey(), Signature: m.GetSignature(),
	}, nil
}
