package validator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// eventChallenged tells that the promises of a deal are challenged.
const eventChallenged = "EventChallenged"

// challengeLoop answers challenges of deals whose ciphertext this validator promised: the
// chain takes the stake of a promise that nobody shows to be kept.
//
// What there is to answer follows from the chain alone, so it is found again after a crash at
// any point. An answer that was sent and not heard of is sent again only if the challenge is
// proven to be still open.
func (s *Service) challengeLoop(ctx context.Context) {
	var proved time.Time // when all promised deals were proven; only the monotonic reading counts
	safe := dealSet{}    // promised deals that are proven to take no challenge any more
	fresh := 0           // how often to look again after an event: it is proven by the block after it
	for ctx.Err() == nil {
		ids := s.challenged(ctx)
		if proved.IsZero() || time.Since(proved) >= challengeProof {
			if s.addPromised(ids, safe) {
				proved = time.Now()
			}
		}
		wait := challengeScan
		if fresh--; fresh > 0 {
			wait = challengeRetry
		}
		for _, id := range slices.Sorted(maps.Keys(ids)) {
			if !s.answerNow(ctx, id, safe) {
				wait = challengeRetry
			}
		}
		again := time.NewTimer(wait)
		select {
		case <-s.challenges:
			fresh = challengeLooks
		case <-again.C:
		case <-ctx.Done():
		}
		again.Stop()
	}
}

type dealSet map[pdx.DealID]struct{}

// addPromised adds the deals whose ciphertext this validator promised, but the safe ones. It
// is false while they are not known.
func (s *Service) addPromised(ids, safe dealSet) bool {
	promised, err := s.records.serving()
	if err != nil {
		return false
	}
	still := dealSet{}
	for _, record := range promised {
		still[record.Deal] = struct{}{}
		if _, ok := safe[record.Deal]; !ok {
			ids[record.Deal] = struct{}{}
		}
	}
	maps.DeleteFunc(safe, func(id pdx.DealID, _ struct{}) bool { _, ok := still[id]; return !ok })
	return true
}

// challenged are the deals with a challenge that this validator can answer, as all readers of
// the chain list them: any of them may hide some, and what one of them invents is not proven.
func (s *Service) challenged(ctx context.Context) dealSet {
	ids := dealSet{}
	for i, reader := range append([]Witness{s.ledger}, s.witnesses...) {
		filter := pdx.DealFilter{Validator: s.account, Challenged: true, NoTexts: true}
		for len(ids) < (i+1)*challengesListed {
			deals, next, err := reader.Deals(ctx, filter)
			if err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "cannot list the challenges of deals; trying again", "error", err)
			}
			for _, deal := range deals {
				ids[deal.ID] = struct{}{}
			}
			if err != nil || next == "" {
				break
			}
			filter.Cursor = next
		}
	}
	return ids
}

// answerNow answers the open challenge of a deal, if it has one. It is false if it has to be
// looked at again soon.
func (s *Service) answerNow(ctx context.Context, id pdx.DealID, safe dealSet) bool {
	done, err := s.answer(ctx, id, safe)
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a challenge is not answered yet; trying again",
			slog.Uint64("deal_id", uint64(id)), causeOf(err))
	}
	return done && err == nil
}

// answer does what is missing for an answer to a deal's challenge. Everything rests on the
// proven deal, and the slices are those of its root: an endpoint that lies gets no fee out of
// this validator.
func (s *Service) answer(ctx context.Context, id pdx.DealID, safe dealSet) (done bool, err error) {
	deal, head, err := s.provenAt(ctx, id)
	if err != nil {
		return false, err
	}
	if deal.AckMode != pdx.AckQuorum || deal.State != pdx.DealOffered && deal.State != pdx.DealCertified {
		safe[id] = struct{}{}
	}
	turn, promised := answerTurn(deal, s.account)
	if !deal.Challenged() || !promised {
		return true, nil
	}
	if head.Time.Before(turn) {
		return false, nil
	}
	slices, err := s.chunkSlices(ctx, deal)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		s.missing.note(id, "it is challenged, and is being pulled again")
		s.lost.hint(id)
		return false, ownFault("this validator does not have the challenged ciphertext", err)
	}
	if err != nil {
		return false, err
	}
	sending, cancel := context.WithTimeout(ctx, certifyTime)
	defer cancel()
	err = s.ledger.Answer(sending, pdx.Answer{Deal: id, Challenge: deal.Challenge.Number, Slices: slices})
	switch {
	case err == nil:
		s.log.InfoContext(ctx, "answered a challenge", "deal_id", id, "challenge", deal.Challenge.Number)
		return true, nil
	case errors.Is(err, pdx.ErrWrongState): // another one answered, or it was acknowledged: the proof will say
		return false, nil
	}
	return false, err
}

// chunkSlices are the slices that the open challenge of a deal asks for.
func (s *Service) chunkSlices(ctx context.Context, deal pdx.Deal) (list [][]byte, err error) {
	root, size := deal.Dataset.Root, deal.Dataset.Size
	var segment []byte
	last := ^uint64(0)
	for _, chunk := range deal.Challenge.Chunks {
		if at := chunk * bao.ChunkSize / bao.SegmentSize; at != last {
			if segment, err = s.blobs.Slice(ctx, root, at); err != nil {
				return nil, fmt.Errorf("read segment %d: %w", at, err)
			}
			last = at
		}
		slice, err := bao.ChunkSlice(segment, root, size, chunk)
		if err != nil {
			return nil, err
		}
		list = append(list, slice)
	}
	return list, nil
}

// answerTurn is when a validator answers the open challenge of a deal, and whether it can.
// One answer is paid, so those who promised take turns, in an order that each challenge
// shifts: the first at once, the last when half of the time is left.
func answerTurn(deal pdx.Deal, account pdx.Address) (turn time.Time, promised bool) {
	accepted := deal.Accepted()
	place := slices.IndexFunc(accepted, func(c pdx.Certificate) bool { return c.Validator == account })
	if place < 0 || deal.AckMode != pdx.AckQuorum || !deal.Challenged() {
		return time.Time{}, false
	}
	c, k := deal.Challenge, len(accepted)
	before := (place + k - int(c.Number-1)%k) % k
	return c.Time.Add(c.DeadlineTime.Sub(c.Time) / 2 * time.Duration(before) / time.Duration(k)), true
}
