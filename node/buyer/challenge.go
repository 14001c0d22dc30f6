package buyer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/internal/workqueue"
	"github.com/medibloc/pdx/node/model"
)

// unheld is what follows when the ciphertext of a certified deal is not here. Where the default
// ack is waited for, it is looked at often enough for a challenge before that.
func (s *Service) unheld(ctx context.Context, deal pdx.Deal, p *model.Pull, o outcome, why error) (outcome, error) {
	if !othersFault(why) {
		return o, why
	}
	if pause := challengeTime(deal) / challengeTries; deal.AckedByDefault() && o == retries && pause < retryPause.Most {
		o = workqueue.RetryWithin(max(time.Second, pause))
	}
	return o, s.challengeSoon(ctx, deal, p, why)
}

// challengeSoon challenges the promises of a deal whose ciphertext cannot be had, if it would
// soon be acknowledged without it. It returns why the deal does not go on.
//
// An answer shows that somebody has the ciphertext, and gives this buyer more time to pull
// it; without one, nothing is paid.
func (s *Service) challengeSoon(ctx context.Context, deal pdx.Deal, p *model.Pull, cause error) error {
	head, err := s.heads.last(ctx)
	if err != nil || !challengeDue(deal, head) || !inBudget(deal) || challengeUnderWay(*p, head) {
		return withChallenge(cause, deal)
	}
	sent, err := s.challenge(ctx, deal.ID, p, nil)
	switch {
	case err != nil:
		s.log.WarnContext(ctx, "cannot challenge the promises of a deal yet", "deal_id", deal.ID, "error", err)
		return withChallenge(cause, deal)
	default:
		s.log.InfoContext(ctx, "challenged the promises of a deal", "deal_id", deal.ID, "fee", sent.Fee)
		return fmt.Errorf("%w; the validators that promised it are challenged for %s", cause, sent.Fee.MED())
	}
}

// Challenge has the validators that promised the ciphertext of a deal show some chunks of it,
// or some that are chosen at random. The fee is the answering validator's, and is lost if the
// deal is acknowledged first; it comes back with a part of their stakes if none answers.
func (s *Service) Challenge(ctx context.Context, id pdx.DealID, chunks []uint64) (model.Challenged, error) {
	p, ordered, err := s.known(ctx, id)
	if err != nil {
		return model.Challenged{}, err
	}
	if !ordered {
		return s.challenge(ctx, id, nil, chunks)
	}
	return s.challenge(ctx, id, &p, chunks)
}

// challenge sends a challenge of the proven deal. That it is sent is on disk before, where the
// deal has a record, so that a crash pays for no second one.
func (s *Service) challenge(ctx context.Context, id pdx.DealID, p *model.Pull, chunks []uint64) (sent model.Challenged, err error) {
	deal, head, err := s.proven(ctx, id)
	if err != nil {
		return sent, err
	}
	if err := challengeable(deal, s.account); err != nil {
		return sent, err
	}
	if len(chunks) == 0 {
		chunks = randomChunks(bao.Chunks(deal.Dataset.Size), min(challengeChunks, uint64(deal.MaxChunks)))
	}
	sent = model.Challenged{Number: deal.Challenges() + 1, Chunks: chunks, Fee: challengeFee(deal, len(chunks))}
	if p != nil {
		p.Challenged = head.Height
		if err := s.keep(ctx, p); err != nil {
			return sent, err
		}
	}
	c := pdx.NewChallenge{Deal: id, Facts: attest.FactsOf(s.chainID, deal).Hash(), Chunks: chunks}
	err = s.ledger.Challenge(ctx, c)
	if err != nil && p != nil && !errors.Is(err, pdx.ErrUnavailable) {
		p.Challenged = 0 // it is in no block
		err = errors.Join(err, s.keep(ctx, p))
	}
	return sent, err
}

// challengeable says what the chain would refuse.
func challengeable(deal pdx.Deal, account pdx.Address) error {
	switch {
	case deal.Buyer != account:
		return fmt.Errorf("%w: only the buyer of deal %v challenges its promises", pdx.ErrRefused, deal.ID)
	case deal.State != pdx.DealCertified:
		return fmt.Errorf("%w: deal %v is %s; promises are challenged while it is certified", pdx.ErrWrongState, deal.ID, deal.State)
	case deal.AckMode != pdx.AckQuorum:
		return fmt.Errorf("%w: nobody promised the ciphertext of deal %v: its pool is not of ack mode quorum", pdx.ErrRefused, deal.ID)
	case deal.Challenged():
		return fmt.Errorf("%w: a challenge of deal %v is open until %s", pdx.ErrWrongState, deal.ID, deal.Challenge.DeadlineTime)
	case deal.Challenges() >= deal.MaxChallenges:
		return fmt.Errorf("%w: deal %v had all of its %d challenges", pdx.ErrRefused, deal.ID, deal.MaxChallenges)
	}
	return nil
}

// challengeFee is what the chain takes for a challenge.
func challengeFee(deal pdx.Deal, chunks int) pdx.Amount {
	return deal.AnswerCost + deal.AnswerByteCost*pdx.Amount(bao.MaxChunkSlice(deal.Dataset.Size))*pdx.Amount(chunks)
}

// challengeDue reports whether the default ack of a deal is near, and not so near that a
// challenge would come too late.
func challengeDue(deal pdx.Deal, head pdx.Head) bool {
	if !deal.AckedByDefault() || deal.Challenges() >= deal.MaxChallenges || inTime(deal, head) != nil {
		return false
	}
	window := challengeTime(deal)
	return deal.DeadlineTime.Sub(head.Time) <= window && deal.DeadlineHeight-head.Height <= deal.Blocks(window)
}

// challengeTime is how long before the ack deadline a deal is challenged.
func challengeTime(deal pdx.Deal) time.Duration {
	whole, _ := ackTime(deal)
	return min(challengeWindow, whole/challengeShare)
}

// inBudget reports whether one more challenge of a deal costs this node no more than it
// spends for one by itself.
func inBudget(deal pdx.Deal) bool {
	each := challengeFee(deal, int(min(challengeChunks, uint64(deal.MaxChunks))))
	return each*pdx.Amount(deal.Challenges()+1) <= deal.Price/challengeBudget
}

// challengeUnderWay reports whether a challenge that was sent may still get into a block.
func challengeUnderWay(p model.Pull, head pdx.Head) bool {
	return p.Challenged != 0 && head.Height <= p.Challenged+SettleBlocks
}

// withChallenge adds to why a deal does not go on what is asked of those who promised.
func withChallenge(cause error, deal pdx.Deal) error {
	c := deal.Challenge
	switch {
	case c == nil:
		return cause
	case deal.Challenged():
		return fmt.Errorf("%w; challenge %d of %d waits for an answer until %s",
			cause, c.Number, deal.MaxChallenges, c.DeadlineTime.Local().Format(time.DateTime))
	}
	return fmt.Errorf("%w; challenge %d of %d was %s", cause, c.Number, deal.MaxChallenges, c.State)
}

// othersFault reports whether a ciphertext is not here because others do not serve it, or too
// slowly.
func othersFault(err error) bool {
	for _, fault := range []error{pdx.ErrUnavailable, pdx.ErrNotFound, pdx.ErrRefused, pdx.ErrCorrupt} {
		if errors.Is(err, fault) {
			return !ownTrouble(err)
		}
	}
	return false
}

// randomChunks chooses n different numbers below all, in ascending order.
func randomChunks(all, n uint64) (chunks []uint64) {
	for uint64(len(chunks)) < min(all, n) {
		if i := rand.Uint64N(all); !slices.Contains(chunks, i) {
			chunks = append(chunks, i)
		}
	}
	slices.Sort(chunks)
	return chunks
}
