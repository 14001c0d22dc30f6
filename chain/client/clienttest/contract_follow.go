package clienttest

import (
	"context"
	"errors"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

var errEnough = errors.New("enough")

// follow collects the blocks from one height up to another.
func (m *market) follow(from, to int64) []client.Block {
	m.Helper()
	var blocks []client.Block
	err := m.buyer.Follow(m.ctx, from, func(b client.Block) error {
		blocks = append(blocks, b)
		if b.Head.Height >= to {
			return errEnough
		}
		return nil
	}, nil)
	require.ErrorIs(m, err, errEnough)
	m.requireGapFree(from, blocks)
	return blocks
}

func (m *market) requireGapFree(from int64, blocks []client.Block) {
	m.Helper()
	chainID := m.head().ChainID
	for i, b := range blocks {
		require.Equal(m, from+int64(i), b.Head.Height)
		require.Equal(m, chainID, b.Head.ChainID)
		if i > 0 {
			require.True(m, b.Head.Time.After(blocks[i-1].Head.Time))
		}
		for j, e := range b.Events {
			require.Equal(m, b.Head.Height, e.Height)
			require.Equal(m, j, e.Index)
		}
	}
}

// story returns what happened, without where.
func story(blocks []client.Block) []pdx.Event {
	var events []pdx.Event
	for _, b := range blocks {
		for _, e := range b.Events {
			e.Height, e.Index = 0, 0
			events = append(events, e)
		}
	}
	return events
}

// sell takes a deal to its end by deadline and returns the events that the stream must have.
func (m *market) sell() (pool pdx.PoolID, told []pdx.Event) {
	m.Helper()
	pool = m.openPool(1, 1)
	id := m.offer(pool, 1)
	m.certify(id, 1)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(id)))
	require.NoError(m, m.seller.Deliver(m.ctx, m.delivery(id)))
	m.passDeal(id)
	require.Equal(m, pdx.DealFinal, m.deal(id).State)
	_, err := m.seller.Withdraw(m.ctx)
	require.NoError(m, err)
	step := func(state pdx.DealState) pdx.Event {
		return pdx.Event{Kind: "EventDealState", Pool: pool, Deal: id, State: string(state)}
	}
	return pool, []pdx.Event{
		{Kind: "EventValidatorRegistered", Validator: m.validators[0].Account(), State: string(pdx.ValidatorBonded)},
		{Kind: "EventPoolCreated", Pool: pool, State: string(pdx.PoolOpen)},
		step(pdx.DealOffered),
		{Kind: "EventCertificate", Pool: pool, Deal: id, Validator: m.validators[0].Account()},
		step(pdx.DealCertified),
		step(pdx.DealAcked),
		step(pdx.DealDelivered),
		step(pdx.DealFinal),
		{Kind: "EventWithdrawn"},
	}
}

func testFollow(m *market) {
	_, told := m.sell()
	to := m.head().Height
	blocks := m.follow(1, to)
	var heard []pdx.Event
	for _, e := range story(blocks) {
		// Credits and the pool's own status come with the steps of a deal.
		if e.Kind != "EventCredited" && e.Kind != "EventPoolStatus" {
			heard = append(heard, e)
		}
	}
	require.Equal(m, told, heard)

	// From any height the stream is the same.
	for _, from := range []int64{-1, 0, 2, to / 2, to} {
		first := max(from, 1)
		var again []client.Block
		err := m.buyer.Follow(m.ctx, from, func(b client.Block) error {
			again = append(again, b)
			if b.Head.Height == to {
				return errEnough
			}
			return nil
		}, nil)
		require.ErrorIs(m, err, errEnough)
		require.Equal(m, blocks[first-1:], again)
	}
}

// testFollowInterrupted also checks that queries see the state after a block.
func testFollowInterrupted(m *market) {
	ctx, cancel := context.WithCancel(m.ctx)
	defer cancel()
	var blocks []client.Block
	var late []error
	seen, lost, done := make(chan int64, 1<<16), make(chan error, 1<<16), make(chan error, 1)
	handle := func(b client.Block) error {
		for _, e := range b.Events {
			if e.Kind == "EventDealState" {
				late = append(late, m.behind(ctx, e))
			}
		}
		blocks = append(blocks, b)
		seen <- b.Head.Height
		return nil
	}
	go func() { done <- m.buyer.Follow(ctx, 1, handle, func(err error) { lost <- err }) }()
	_, told := m.sell()
	m.Interrupt(func() { require.ErrorIs(m, receive(m, lost), pdx.ErrUnavailable) })
	id, err := m.buyer.CreatePool(m.ctx, m.newPool(1, 1))
	require.NoError(m, err)
	for to := m.head().Height; receive(m, seen) < to; {
	}
	cancel()
	require.ErrorIs(m, receive(m, done), context.Canceled)
	m.requireGapFree(1, blocks)
	require.NoError(m, errors.Join(late...))
	events := story(blocks)
	require.Equal(m, pdx.Event{Kind: "EventPoolCreated", Pool: id, State: string(pdx.PoolOpen)}, events[len(events)-1])
	for _, e := range told {
		require.Contains(m, events, e)
	}
	require.Equal(m, story(m.follow(1, blocks[len(blocks)-1].Head.Height)), events)
}

// behind tells when the deal has not entered the state of its event yet. The
// ledger may be cut off meanwhile.
func (m *market) behind(ctx context.Context, e pdx.Event) error {
	deal, err := m.buyer.Deal(ctx, e.Deal)
	if errors.Is(err, pdx.ErrUnavailable) {
		return nil
	}
	for _, step := range deal.History {
		if string(step.State) == e.State && step.Height == e.Height {
			return nil
		}
	}
	return errors.Join(err, errors.New("the state is behind the stream: "+e.State))
}

func testFollowEnds(m *market) {
	ctx, cancel := context.WithCancel(m.ctx)
	cancel()
	require.ErrorIs(m, m.buyer.Follow(ctx, 1, func(client.Block) error { return nil }, nil), context.Canceled)

	// An error of handle ends the stream even if it speaks of the chain.
	calls := 0
	mine := errors.Join(errEnough, pdx.ErrUnavailable)
	err := m.buyer.Follow(m.ctx, 1, func(client.Block) error { calls++; return mine }, func(error) {
		m.Error("nothing was lost")
	})
	require.ErrorIs(m, err, errEnough)
	require.Equal(m, 1, calls)

	// The end of ctx ends a wait for a block that is not there.
	ctx, cancel = context.WithCancel(m.ctx)
	waiting, done := make(chan struct{}), make(chan error, 1)
	go func() {
		close(waiting)
		done <- m.buyer.Follow(ctx, m.head().Height+1_000_000, func(client.Block) error { return errEnough }, nil)
	}()
	<-waiting
	cancel()
	require.ErrorIs(m, receive(m, done), context.Canceled)
}

// receive waits no longer than the test may take.
func receive[T any](m *market, from <-chan T) (v T) {
	m.Helper()
	select {
	case v = <-from:
	case <-m.ctx.Done():
		m.Fatal("nothing came")
	}
	return v
}
