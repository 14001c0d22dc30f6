package integration_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/medibloc/pdx"
)

const (
	fewDeals = 60
	// share of a hundred deals that goes each way.
	honestShare      = 34
	drawnShare       = 10
	voucherShare     = 15
	quorumShare      = 12
	lapsedShare      = 7
	rejectedShare    = 5
	unackedShare     = 5
	undeliveredShare = 5
	segmentShare     = 3
	boxShare         = 2
	closedShare      = 2
	// poolSize is how many deals a pool has at most.
	poolSize = 40
	// atOnce is how many pools go on at once.
	atOnce = 4
)

// TestThousand takes deals on all their ways at once on a real chain, and then
// counts the money of everybody, to the last umed. PDX_DEALS says how many deals.
//
// It drives the chain by its client and with real seals, proofs, vouchers and
// complaints: what nodes add, the transfer, is left out, for that takes a
// thousand times a few seconds. TestFirstSale, TestFraud and TestKill have nodes.
func TestThousand(t *testing.T) {
	deals, seed := int(number(t, "PDX_DEALS", fewDeals)), number(t, "PDX_SEED", rand.Uint64())
	t.Logf("PDX_DEALS=%d PDX_SEED=%d", deals, seed)
	x := newExchange(t)
	before := x.books()

	began := time.Now()
	var batches []batch
	for _, w := range ways {
		left := max(1, deals*w.share/100)
		for ; left > 0; left -= poolSize {
			batches = append(batches, batch{w, min(left, poolSize)})
		}
	}
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
	places := make(chan struct{}, atOnce)
	var work sync.WaitGroup
	for _, b := range batches {
		work.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			if err := x.run(b); err != nil {
				t.Errorf("%d deals that are %s: %v", b.deals, b.way.name, err)
			}
		})
	}
	work.Wait()
	if t.Failed() {
		t.FailNow()
	}
	t.Logf("%d deals have ended, in %s and %d blocks", len(x.ended), time.Since(began).Round(time.Second), x.height()-before.height)
	x.settle(before)
}

// way is how deals go that are told to.
type way struct {
	name  string
	share int
	pool  func(*pdx.NewPool)
	run   func(*exchange, *pool) error
	end   pdx.DealState
	spoil func(*dealing)
}

const (
	ever = time.Hour   // is never reached
	soon = time.Second // is waited for
)

var ways = []way{
	{"sold", honestShare, nil, (*exchange).sold, pdx.DealFinal, nil},
	{"sold, their validators drawn", drawnShare, func(p *pdx.NewPool) {
		p.Draw, p.Reward = 3, thousandReward
	}, (*exchange).sold, pdx.DealFinal, nil},
	{"sold on a voucher", voucherShare, nil, (*exchange).vouched, pdx.DealFinal, nil},
	{"sold, acknowledged by the quorum", quorumShare, func(p *pdx.NewPool) {
		p.AckMode, p.Deadlines.Ack = pdx.AckQuorum, soon
	}, (*exchange).defaulted, pdx.DealFinal, nil},
	{"not certified", lapsedShare, func(p *pdx.NewPool) { p.Deadlines.Certify = soon }, (*exchange).nothing, pdx.DealLapsed, nil},
	{"rejected", rejectedShare, func(p *pdx.NewPool) { p.Reward = thousandReward }, (*exchange).rejected, pdx.DealLapsed, nil},
	{"not acknowledged", unackedShare, func(p *pdx.NewPool) {
		p.Deadlines.Ack, p.Reward = soon, thousandReward
	}, (*exchange).certified, pdx.DealUnacked, nil},
	{"not delivered", undeliveredShare, func(p *pdx.NewPool) {
		p.Deadlines.Key, p.Reward = soon, thousandReward
	}, (*exchange).acked, pdx.DealUndelivered, nil},
	{"frauds in a segment", segmentShare, crooked, (*exchange).convicted, pdx.DealFraud, func(d *dealing) {
		d.sealed = d.sealed.SpoilSegment(0)
	}},
	{"frauds in the box", boxShare, crooked, (*exchange).convicted, pdx.DealFraud, func(d *dealing) {
		d.sealed, d.spoiltBox = d.sealed.SpoilBox(), true
	}},
	{"closed in the middle", closedShare, func(p *pdx.NewPool) { p.Deadlines.Certify = 5 * soon }, (*exchange).closed, pdx.DealLapsed, nil},
}

// crooked pools trust those who certify anything, and have time to find out.
func crooked(p *pdx.NewPool) { p.Validators, p.Deadlines.Dispute = nil, ever }

// batch is deals of one pool.
type batch struct {
	way   way
	deals int
}

// run takes a pool of deals to their ends.
func (x *exchange) run(b batch) error {
	if b.way.spoil != nil { // the crooks go to jail for it, and out again for the next
		x.frauds.Lock()
		defer x.frauds.Unlock()
		if err := x.release(); err != nil {
			return fmt.Errorf("out of jail: %w", err)
		}
	}
	p, err := x.open(b)
	if err != nil {
		return fmt.Errorf("open a pool: %w", err)
	}
	if err := b.way.run(x, p); err != nil {
		return err
	}
	return x.each(p, func(d *dealing) error {
		deal, err := x.until(d.id, b.way.end)
		if err == nil {
			x.note(deal)
		}
		return err
	})
}

// each does something for all deals of a pool at once.
func (x *exchange) each(p *pool, do func(*dealing) error) error {
	failed := make(chan error, len(p.deals))
	for _, d := range p.deals {
		go func() { failed <- do(d) }()
	}
	var err error
	for range p.deals {
		if one := <-failed; err == nil {
			err = one
		}
	}
	return err
}

// until waits until a deal is in a state.
func (x *exchange) until(id pdx.DealID, want pdx.DealState) (deal pdx.Deal, err error) {
	return x.when(id, func(d pdx.Deal) (bool, error) {
		if d.State.Ended() && d.State != want {
			return false, fmt.Errorf("deal %d is %s, not %s: %v", id, d.State, want, d.History)
		}
		return d.State == want, nil
	})
}

// when waits until something holds of a deal.
func (x *exchange) when(id pdx.DealID, holds func(pdx.Deal) (bool, error)) (deal pdx.Deal, err error) {
	ctx, cancel := context.WithTimeout(x.t.Context(), thousandPatience)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		deal, err := x.reader.Deal(ctx, id)
		if err == nil {
			ok, err := holds(deal)
			if ok || err != nil {
				return deal, err
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return deal, fmt.Errorf("deal %d is still %s: %w", id, deal.State, ctx.Err())
		}
	}
}

// note keeps a deal that has ended.
func (x *exchange) note(d pdx.Deal) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ended[d.ID] = d
}

func (x *exchange) height() int64 {
	var head pdx.Head
	if err := x.insist(func() (err error) { head, err = x.reader.Head(x.t.Context()); return err }); err != nil {
		x.t.Errorf("read the head: %v", err)
	}
	return head.Height
}
