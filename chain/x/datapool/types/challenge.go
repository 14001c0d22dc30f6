package types

import (
	"slices"
	"time"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/exchange/bao"
)

// NewChallengeTerms returns what the challenges of a deal that is offered now cost and how
// many there may be; nil if its validators promise nothing.
func (p Params) NewChallengeTerms(mode AckMode) *ChallengeTerms {
	if mode != ACK_MODE_QUORUM {
		return nil
	}
	return &ChallengeTerms{
		MaxChallenges: p.MaxChallenges, MaxChunks: p.MaxChallengeChunks, Time: p.ChallengeTime,
		AnswerCost: p.AnswerCost, AnswerCostPerByte: p.AnswerCostPerByte,
	}
}

// Fee returns the fee of a challenge about some chunks of a ciphertext of size bytes: what
// an answer costs that proves each of them on the longest path.
func (t ChallengeTerms) Fee(size uint64, chunks int) uint64 {
	return t.AnswerCost + t.AnswerCostPerByte*bao.MaxChunkSlice(size)*uint64(chunks)
}

// Challenged reports whether a challenge of the deal waits for its answer.
func (d Deal) Challenged() bool {
	return d.Challenge != nil && d.Challenge.State == CHALLENGE_STATE_OPEN
}

// Challenges returns how many challenges the deal had.
func (d Deal) Challenges() uint32 {
	if d.Challenge == nil {
		return 0
	}
	return d.Challenge.Number
}

// Promised reports whether a validator is one of those whose promises stand in for the
// buyer's ack, and who may therefore answer a challenge.
func (d Deal) Promised(validator string) bool {
	return d.AckMode == ACK_MODE_QUORUM &&
		slices.ContainsFunc(d.Accepted(), func(c Certificate) bool { return c.Validator == validator })
}

// WatchHeight returns the height after which the end blocker has something to do: that of the
// deadline or, if it is open, of the challenge.
func (d Deal) WatchHeight() int64 {
	if d.Challenged() {
		return d.Challenge.DeadlineHeight
	}
	return d.DeadlineHeight
}

// Extend returns the later ones of a deadline and the challenge's: a default ack waits for
// both.
func (c *Challenge) Extend(height int64, t time.Time) (int64, time.Time) {
	if c == nil {
		return height, t
	}
	if c.DeadlineTime.After(t) {
		t = c.DeadlineTime
	}
	return max(height, c.DeadlineHeight), t
}

// CheckChunks refuses chunks that a challenge of the deal cannot name.
func (d Deal) CheckChunks(chunks []uint64) error {
	if err := checkChunks(chunks); err != nil {
		return err
	}
	most, last := d.ChallengeTerms.MaxChunks, chunks[len(chunks)-1]
	if len(chunks) > int(most) || last >= bao.Chunks(d.Dataset.Size_) {
		return errorsmod.Wrapf(ErrChallengeChunks, "%d of %d chunks, the last is %d: at most %d are taken",
			len(chunks), bao.Chunks(d.Dataset.Size_), last, most)
	}
	return nil
}

// checkChunks refuses none, too many, and chunks that are out of order or named twice.
func checkChunks(chunks []uint64) error {
	if n := len(chunks); n == 0 || n > MaxChallengeChunks {
		return errorsmod.Wrapf(ErrChallengeChunks, "%d given", n)
	}
	for i := range chunks[1:] {
		if chunks[i] >= chunks[i+1] {
			return errorsmod.Wrapf(ErrChallengeChunks, "%d is followed by %d", chunks[i], chunks[i+1])
		}
	}
	return nil
}

// checkChallenge checks the last challenge and its terms against the deal.
func (d Deal) checkChallenge() error {
	t, c := d.ChallengeTerms, d.Challenge
	if (t != nil) != (d.AckMode == ACK_MODE_QUORUM) {
		return errorsmod.Wrapf(ErrGenesis, "challenge terms do not fit %s", d.AckMode)
	}
	if broken := c != nil && c.State == CHALLENGE_STATE_UNANSWERED; t != nil && broken != (d.State == DEAL_STATE_UNACKED) {
		return errorsmod.Wrapf(ErrGenesis, "the last challenge does not fit %s", d.State)
	}
	if t == nil || c == nil {
		if t != nil {
			return t.validate()
		}
		return mustBeNil(c)
	}
	if err := t.validate(); err != nil {
		return err
	}
	if err := d.CheckChunks(c.Chunks); err != nil {
		return err
	}
	certified := d.stepInto(DEAL_STATE_CERTIFIED)
	if c.Number == 0 || c.Number > t.MaxChallenges || c.Fee != t.Fee(d.Dataset.Size_, len(c.Chunks)) ||
		certified.Height == 0 || c.Height < certified.Height || c.Time.Before(certified.Time) ||
		!c.DeadlineTime.Equal(c.Time.Add(t.Time)) || c.DeadlineHeight < c.Height || c.DeadlineHeight > c.Height+Blocks(t.Time, d.BlockTime) {
		return errorsmod.Wrapf(ErrGenesis, "challenge %d has another fee, number or time than its deal allows", c.Number)
	}
	return d.checkChallengeState()
}

func mustBeNil(c *Challenge) error {
	if c != nil {
		return errorsmod.Wrap(ErrGenesis, "a challenge without a promise")
	}
	return nil
}

// checkChallengeState checks what became of the challenge against what became of the deal.
func (d Deal) checkChallengeState() error {
	c, fits := d.Challenge, false
	switch c.State {
	case CHALLENGE_STATE_OPEN:
		fits = d.State == DEAL_STATE_CERTIFIED
	case CHALLENGE_STATE_ANSWERED:
		fits = d.Promised(c.AnsweredBy)
	case CHALLENGE_STATE_UNANSWERED:
		fits = d.State == DEAL_STATE_UNACKED
	case CHALLENGE_STATE_ACKED:
		fits = d.entered(DEAL_STATE_ACKED)
	}
	if !fits || (c.AnsweredBy != "") != (c.State == CHALLENGE_STATE_ANSWERED) {
		return errorsmod.Wrapf(ErrGenesis, "a challenge that is %s does not fit %s", c.State, d.State)
	}
	return nil
}

// stepInto returns the step into a state; the zero one if there is none.
func (d Deal) stepInto(state DealState) StateChange {
	for _, step := range d.History {
		if step.State == state {
			return step
		}
	}
	return StateChange{}
}

// validate refuses terms that no parameters give.
func (t ChallengeTerms) validate() error {
	return Params{
		MaxChallenges: t.MaxChallenges, MaxChallengeChunks: t.MaxChunks, ChallengeTime: t.Time,
		AnswerCost: t.AnswerCost, AnswerCostPerByte: t.AnswerCostPerByte,
	}.validateChallenges()
}

func (p Params) validateChallenges() error {
	if p.MaxChallenges > MaxChallenges {
		return errorsmod.Wrapf(ErrParams, "challenges of a deal must be at most %d", MaxChallenges)
	}
	if p.MaxChallengeChunks == 0 || p.MaxChallengeChunks > MaxChallengeChunks {
		return errorsmod.Wrapf(ErrParams, "chunks of a challenge must be from 1 to %d", MaxChallengeChunks)
	}
	if p.ChallengeTime <= 0 || p.ChallengeTime > MaxDuration {
		return errorsmod.Wrapf(ErrParams, "time for an answer must be positive and at most %v", MaxDuration)
	}
	if p.AnswerCost > MaxCost || p.AnswerCostPerByte > MaxCost || p.ChallengeCost > MaxCost {
		return errorsmod.Wrapf(ErrParams, "costs of challenges and answers must be at most %d", uint64(MaxCost))
	}
	return nil
}
