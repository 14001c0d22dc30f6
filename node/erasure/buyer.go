package erasure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

var _ Handler = (*Service)(nil)

// Take keeps a request of a seller to this buyer; see Handler.
func (s *Service) Take(ctx context.Context, seller pdx.Address, r Request) (*model.ErasureAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, err := s.Table.Get(ctx, keyOf(pdx.RoleBuyer, r.Deal))
	same := known.Asked.Equal(r.Asked) && bytes.Equal(known.Signature, r.Signature)
	switch {
	case errors.Is(err, pdx.ErrNotFound):
	case err != nil:
		return nil, err
	case known.Seller == seller && same:
		return known.Answer, nil
	case known.Seller != seller || !known.Open || !r.Asked.After(known.Asked): // a seller that lost its store asks anew
		return nil, fmt.Errorf("%w: deal %v has another request on record", pdx.ErrRefused, r.Deal)
	}
	e, err := s.taken(ctx, seller, r)
	if err != nil {
		return nil, err
	}
	if err := s.Table.Put(ctx, keyFor(e), e); err != nil {
		return nil, err
	}
	s.Log.WarnContext(ctx, "a seller asks for its records to be deleted; answer with 'pdx erasure answer'",
		slog.Uint64("deal_id", uint64(e.Deal)), slog.Time("lapses", e.Lapses()))
	return nil, nil
}

// taken checks a request that is new.
func (s *Service) taken(ctx context.Context, seller pdx.Address, r Request) (e model.Erasure, err error) {
	now := s.Now()
	if r.Asked.After(now.Add(maxAhead)) || !now.Before(r.Asked.Add(model.ErasureTime)) {
		return e, fmt.Errorf("%w: asked at %s, by a wrong clock or too long ago", pdx.ErrRefused, r.Asked.Format(time.RFC3339))
	}
	deal, err := s.Ledger.Deal(ctx, r.Deal)
	switch {
	case err != nil:
		return e, err
	case deal.Seller != seller || deal.Buyer != s.Account:
		return e, fmt.Errorf("%w: deal %v is not of %s with this buyer", pdx.ErrRefused, r.Deal, seller)
	case !opened(deal):
		return e, fmt.Errorf("%w: deal %v is %s", pdx.ErrWrongState, r.Deal, deal.State)
	}
	e = model.Erasure{
		Deal: r.Deal, Pool: deal.Pool, Role: pdx.RoleBuyer, Seller: deal.Seller, Buyer: deal.Buyer, Root: deal.Dataset.Root,
		Asked: r.Asked, Reason: r.Reason, PublicKey: r.PublicKey, Signature: r.Signature, Reached: now.UTC(), Open: true,
	}
	return e, s.statementOf(e).Verify()
}

// Answer answers a request to this buyer. With erased, the records are deleted before the answer
// is signed, so that a crash between the two leaves a request that is answered once more. The
// seller has the answer when it next sends its request.
//
// Errors: pdx.ErrNotFound if nothing was asked, pdx.ErrWrongState if it was answered otherwise or
// has lapsed, pdx.ErrInvalid for a note that is too long.
func (s *Service) Answer(ctx context.Context, id pdx.DealID, erased bool, note string) (model.Erasure, error) {
	e, err := s.answer(ctx, id, erased, note)
	if err != nil {
		return model.Erasure{}, fmt.Errorf("answer the erasure request of deal %v: %w", id, err)
	}
	return e, nil
}

func (s *Service) answer(ctx context.Context, id pdx.DealID, erased bool, note string) (model.Erasure, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.Table.Get(ctx, keyOf(pdx.RoleBuyer, id))
	switch state := e.State(s.Now()); {
	case errors.Is(err, pdx.ErrNotFound):
		return e, fmt.Errorf("%w: its seller has not asked for anything", pdx.ErrNotFound)
	case err != nil:
		return e, err
	case len(note) > MaxText || !utf8.ValidString(note):
		return e, fmt.Errorf("%w: the note has at most %d bytes of UTF-8", pdx.ErrInvalid, MaxText)
	case e.Answer != nil && e.Answer.Erased == erased && e.Answer.Note == note:
		return e, nil
	case state != model.ErasureAsked:
		return e, fmt.Errorf("%w: it is %s", pdx.ErrWrongState, state)
	}
	if erased {
		if err := s.Records.Erase(ctx, id); err != nil {
			return e, err
		}
	}
	a := model.ErasureAnswer{Erased: erased, At: s.Now().UTC().Truncate(time.Second), Note: note, PublicKey: s.Signer.PublicKey()}
	if a.Signature, err = s.Signer.Sign(s.answerOf(e, a).SignBytes()); err != nil {
		return e, err
	}
	e.Answer, e.Open = &a, false
	return e, s.Table.Put(ctx, keyFor(e), e)
}
