package seller_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/seller"
)

// prover proves what is on the chain, or what a test wants, or nothing.
type prover struct {
	chain *chain

	mu    sync.Mutex
	alter func(*pdx.Deal, *pdx.Head) error
	ready error
}

func (p *prover) Ready(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

func (p *prover) setReady(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ready = err
}

func (p *prover) set(alter func(*pdx.Deal, *pdx.Head) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alter = alter
}

func (p *prover) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	deal, err := p.chain.Deal(ctx, id)
	if err != nil {
		return deal, pdx.Head{}, err
	}
	head, _ := p.chain.Head(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alter != nil {
		err = p.alter(&deal, &head)
	}
	return deal, head, err
}

// The key goes nowhere while what it is delivered for is not proven.
func TestUnproven(t *testing.T) {
	liar := fmt.Errorf("http://liar: it lies: %w", pdx.ErrCorrupt)
	for name, c := range map[string]struct {
		alter  func(*pdx.Deal, *pdx.Head) error
		reason string
	}{
		"a proven lie":  {func(*pdx.Deal, *pdx.Head) error { return liar }, "http://liar"},
		"nobody to ask": {func(*pdx.Deal, *pdx.Head) error { return pdx.ErrUnavailable }, "is not verified"},
		"an ack that is none": {func(d *pdx.Deal, h *pdx.Head) error {
			d.State, h.Height = pdx.DealCertified, h.Height+10
			return nil
		}, "not acknowledged"},
		"another buyer key":   {func(d *pdx.Deal, _ *pdx.Head) error { d.BuyerKey = seal.NewBuyerKey().Public(); return nil }, "another key"},
		"another chain":       {func(_ *pdx.Deal, h *pdx.Head) error { h.ChainID = "other-1"; return nil }, "other-1"},
		"too late, as proven": {func(d *pdx.Deal, h *pdx.Head) error { h.Height = d.DeadlineHeight - 1; return nil }, "quarter"},
		"late by its clock":   {func(d *pdx.Deal, h *pdx.Head) error { h.Time = d.DeadlineTime; return nil }, "quarter"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				sale := w.certifiedSale(t, s)
				w.prover.set(c.alter)
				w.chain.move(sale.Deal, pdx.DealAcked)
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				require.Zero(t, w.chain.count("deliver"))
				require.Nil(t, w.sale(t, s, sale.ID).Delivery)
				require.Contains(t, w.sale(t, s, sale.ID).Reason, c.reason)

				w.prover.set(nil)
				w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
				w.requireSoldOnce(t, s, 0)
			})
		})
	}
}

// What an endpoint shows does not matter where the truth is proven.
func TestShownFalsely(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.certifiedSale(t, s)
		w.chain.mu.Lock()
		w.chain.onChange = nil
		w.chain.enter(sale.Deal, pdx.DealAcked)
		honest := copyDeal(w.chain.deals[0])
		w.chain.deals[0].BuyerKey = seal.NewBuyerKey().Public()
		w.chain.mu.Unlock()
		w.prover.set(func(d *pdx.Deal, _ *pdx.Head) error { d.BuyerKey = honest.BuyerKey; return nil })
		s.Wake(pdx.Event{Pool: 7, Deal: sale.Deal})
		w.until(t, func() bool { return w.chain.count("deliver") > 0 })
		delivery := w.sale(t, s, sale.ID).Delivery
		require.NotNil(t, delivery)
		m, err := w.buyer.Recover(delivery.D1, delivery.D2)
		require.NoError(t, err)
		plain, err := w.decrypt(m, honest.Dataset)
		require.NoError(t, err)
		require.Equal(t, w.plain, plain, "it is for the true buyer")
	})
}

// A state is proven by the block after it: that is no reason to complain.
func TestProvenAMomentLater(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.certifiedSale(t, s)
		asked := 0
		w.prover.set(func(d *pdx.Deal, h *pdx.Head) error {
			if asked++; asked == 1 {
				d.State, d.AckHeight = pdx.DealCertified, 0
			}
			return nil
		})
		w.chain.move(sale.Deal, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		require.NotContains(t, w.log.String(), "not acknowledged")
		w.requireSoldOnce(t, s, 0)
	})
}

// A voucher brings no key either while the deal is not proven.
func TestVoucherUnproven(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale, deal := w.waitsForAck(t, s)
		for name, alter := range map[string]func(*pdx.Deal, *pdx.Head) error{
			"a lie":             func(*pdx.Deal, *pdx.Head) error { return fmt.Errorf("http://liar lies: %w", pdx.ErrCorrupt) },
			"another buyer key": func(d *pdx.Deal, _ *pdx.Head) error { d.BuyerKey = seal.NewBuyerKey().Public(); return nil },
			"too late":          func(d *pdx.Deal, h *pdx.Head) error { h.Height = d.DeadlineHeight; return nil },
			"not certified":     func(d *pdx.Deal, _ *pdx.Head) error { d.State = pdx.DealOffered; return nil },
		} {
			w.prover.set(alter)
			require.NoError(t, s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, signedAck(t, deal, theBuyer)))
			w.chain.pass(1)
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			require.Zero(t, w.chain.count("deliver"), name)
			require.Nil(t, w.sale(t, s, sale.ID).Delivery, name)
		}
		w.prover.set(nil)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}
