package types

import (
	"slices"
	"time"

	errorsmod "cosmossdk.io/errors"
)

// steps are the states that a deal may enter from each state.
var steps = map[DealState][]DealState{
	DEAL_STATE_OFFERED:   {DEAL_STATE_CERTIFIED, DEAL_STATE_LAPSED},
	DEAL_STATE_CERTIFIED: {DEAL_STATE_ACKED, DEAL_STATE_UNACKED},
	DEAL_STATE_ACKED:     {DEAL_STATE_DELIVERED, DEAL_STATE_UNDELIVERED},
	DEAL_STATE_DELIVERED: {DEAL_STATE_FINAL, DEAL_STATE_FRAUD},
}

// checkSteps checks that a deal's history is a path of the life of a deal, forward in height
// and time, and that the deadline is that of its last step.
func (d Deal) checkSteps() error {
	for i, step := range d.History {
		if step.Height < 1 || step.Time.IsZero() {
			return errorsmod.Wrapf(ErrGenesis, "step %d of the history has no height or no time", i)
		}
		if i == 0 {
			continue
		}
		last := d.History[i-1]
		if !slices.Contains(steps[last.State], step.State) || step.Height < last.Height || step.Time.Before(last.Time) {
			return errorsmod.Wrapf(ErrGenesis, "history leads from %s to %s, or back", last.State, step.State)
		}
	}
	if err := checkQueued(d.QueuedHeight, !d.State.Ended(), d.WatchHeight()); err != nil || d.State.Ended() {
		return err
	}
	return d.checkDeadline(d.History[len(d.History)-1])
}

// checkQueued checks that exactly what has a deadline is in the queue of deadlines, and not
// before that has passed.
func checkQueued(queued int64, open bool, deadline int64) error {
	if open && queued < deadline || open != (queued > 0) {
		return errorsmod.Wrapf(ErrGenesis, "height %d in the queue of deadlines does not fit a deadline at height %d", queued, deadline)
	}
	return nil
}

// checkDeadline checks the deadline of the state that a step entered. After an export for
// zero height there are fewer blocks until it than the duration has: then the time decides.
func (d Deal) checkDeadline(step StateChange) error {
	wait := map[DealState]time.Duration{
		DEAL_STATE_OFFERED: d.Deadlines.Certify, DEAL_STATE_CERTIFIED: d.Deadlines.Ack,
		DEAL_STATE_ACKED: d.Deadlines.Key, DEAL_STATE_DELIVERED: d.Deadlines.Dispute,
	}[d.State]
	from, exact := step.Height, true
	if d.Undrawn() { // it waits for its buyer, for as long as the parameters of its offer said
		wait = max(0, min(d.DeadlineTime.Sub(step.Time), MaxDuration))
	}
	if d.State == DEAL_STATE_OFFERED && d.Draw != nil && d.Draw.Height > 0 { // it runs from the draw
		from, exact = max(from, d.Draw.Height), false
	}
	height, end := from+Blocks(wait, d.BlockTime), step.Time.Add(wait)
	if d.State == DEAL_STATE_CERTIFIED {
		height, end = d.Challenge.Extend(height, end)
	}
	if d.DeadlineHeight > height || d.DeadlineTime.Before(end) || exact && !d.DeadlineTime.Equal(end) {
		return errorsmod.Wrapf(ErrGenesis, "deadline at height %d and %s is not that of %s", d.DeadlineHeight, d.DeadlineTime, d.State)
	}
	return nil
}

// ValidateAt refuses a state that is not of the past at a height, that of the last block
// before the chain begins, and a time: money would wait for heights that the chain reaches in
// years. An export begins a chain at the height after its own, or was made for zero height.
func (g GenesisState) ValidateAt(height int64, now time.Time) error {
	for _, d := range g.Deals {
		past := []int64{d.AckHeight, d.History[len(d.History)-1].Height}
		if d.Draw != nil {
			past = append(past, d.Draw.Height)
		}
		for _, c := range d.Certificates {
			past = append(past, c.Height)
		}
		longest := d.Deadlines.longest()
		if c := d.Challenge; c != nil {
			past = append(past, c.Height)
			longest = max(longest, d.ChallengeTerms.Time)
		}
		if slices.Max(past) > height || d.History[len(d.History)-1].Time.After(now) {
			return errorsmod.Wrapf(ErrGenesis, "deal %d is of height %d, the chain begins at %d", d.Id, slices.Max(past), height)
		}
		if d.Undrawn() {
			longest = MaxDuration
		}
		if d.DeadlineTime.After(now.Add(longest)) {
			return errorsmod.Wrapf(ErrGenesis, "deal %d waits until %s", d.Id, d.DeadlineTime)
		}
		if d.QueuedHeight > height+1+Blocks(longest, d.BlockTime) {
			return errorsmod.Wrapf(ErrGenesis, "deal %d waits until height %d", d.Id, d.QueuedHeight)
		}
	}
	for _, p := range g.Pools {
		if p.FullHeight > height {
			return errorsmod.Wrapf(ErrGenesis, "pool %d was full at height %d, the chain begins at %d", p.Id, p.FullHeight, height)
		}
		if p.Status == POOL_STATUS_OPEN && (p.ExpiryTime.After(now.Add(MaxDuration)) ||
			p.QueuedHeight > height+1+Blocks(MaxDuration, g.Params.BlockTime)) {
			return errorsmod.Wrapf(ErrGenesis, "pool %d is open until height %d and %s", p.Id, p.ExpiryHeight, p.ExpiryTime)
		}
	}
	return nil
}

func (d Deadlines) longest() time.Duration {
	list := d.list()
	return slices.Max(list[:])
}
