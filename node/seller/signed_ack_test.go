package seller_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// theBuyer has a key, so that it can sign vouchers.
var theBuyer = identitytest.New("buyer")

// waitsForAck is a sale into a pool of theBuyer that is certified.
func (w *world) waitsForAck(t *testing.T, s *seller.Service) (model.Sale, pdx.Deal) {
	t.Helper()
	w.chain.mu.Lock()
	w.chain.pool.Buyer = theBuyer.Account()
	w.chain.mu.Unlock()
	sale := w.certifiedSale(t, s)
	deal, err := w.chain.Deal(t.Context(), sale.Deal)
	require.NoError(t, err)
	return sale, deal
}

// voucher is the ack of a deal, as change leaves it before it is signed.
func signedAck(t *testing.T, deal pdx.Deal, by *identitytest.Account, change ...func(*pdx.AckVoucher)) pdx.AckVoucher {
	t.Helper()
	certified := deal.Entered(pdx.DealCertified).Height
	v := pdx.AckVoucher{AckHeight: certified, ExpiryHeight: certified + keyBlocks}
	for _, f := range change {
		f(&v)
	}
	signature, err := by.Sign(attest.SignedAckOf(chainID, deal, v).SignBytes())
	require.NoError(t, err)
	copy(v.PublicKey[:], by.PublicKey())
	copy(v.Signature[:], signature)
	return v
}

func TestVoucherBringsTheKey(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale, deal := w.waitsForAck(t, s)
		v := signedAck(t, deal, theBuyer)
		require.NoError(t, s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, v))
		require.NoError(t, s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, v), "twice is once")
		require.Zero(t, w.chain.count("deliver"), "the chain takes it in a later block than that of the ack")
		w.chain.pass(1)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		w.requireSoldOnce(t, s, 0)
		end, err := w.chain.Deal(t.Context(), deal.ID)
		require.NoError(t, err)
		require.Equal(t, v.AckHeight, end.AckHeight)
		require.Equal(t, v, *end.Delivery.SignedAck)
		longer := signedAck(t, deal, theBuyer, func(v *pdx.AckVoucher) { v.ExpiryHeight++ })
		require.ErrorIs(t, s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, longer), pdx.ErrWrongState)
	})
}

func TestVouchersThatAreNotTaken(t *testing.T) {
	other := identitytest.New("other")
	for name, c := range map[string]struct {
		from   pdx.Address
		change func(*pdx.AckVoucher, pdx.Deal)
		by     *identitytest.Account
		world  func(*world)
		want   error
	}{
		"from a stranger":      {from: other.Account(), want: pdx.ErrRefused},
		"from nobody":          {from: "", want: pdx.ErrRefused},
		"signed by another":    {by: other, want: pdx.ErrRefused},
		"before certification": {change: func(v *pdx.AckVoucher, _ pdx.Deal) { v.AckHeight-- }, want: pdx.ErrRefused},
		"of the future":        {change: func(v *pdx.AckVoucher, _ pdx.Deal) { v.AckHeight += 5 }, want: pdx.ErrRefused},
		"short": {change: func(v *pdx.AckVoucher, _ pdx.Deal) {
			v.ExpiryHeight = v.AckHeight + keyBlocks/4 - 1
		}, want: pdx.ErrRefused},
		"nearly over":       {world: func(w *world) { w.chain.pass(keyBlocks*3/4 + 1) }, want: pdx.ErrRefused},
		"late for the ack":  {world: func(w *world) { w.chain.pass(ackBlocks*3/4 + 1) }, want: pdx.ErrRefused},
		"late by the clock": {world: func(*world) { time.Sleep(ackTime*3/4 + time.Second) }, want: pdx.ErrRefused},
		"acknowledged already": {world: func(w *world) {
			w.chain.mu.Lock()
			w.chain.deals[0].State = pdx.DealAcked
			w.chain.mu.Unlock()
		}, want: pdx.ErrWrongState},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				sale, deal := w.waitsForAck(t, s)
				w.chain.mu.Lock()
				w.chain.onChange = nil
				w.chain.mu.Unlock()
				by := theBuyer
				if c.by != nil {
					by = c.by
				}
				v := signedAck(t, deal, by, func(v *pdx.AckVoucher) {
					if c.change != nil {
						c.change(v, deal)
					}
				})
				if c.world != nil {
					c.world(w)
				}
				from := theBuyer.Account()
				if c.from != "" || name == "from nobody" {
					from = c.from
				}
				require.ErrorIs(t, s.TakeSignedAck(t.Context(), from, deal.ID, v), c.want)
				require.Nil(t, w.sale(t, s, sale.ID).SignedAck)
				require.Nil(t, w.sale(t, s, sale.ID).Delivery)
				require.ErrorIs(t, s.TakeSignedAck(t.Context(), from, 99, v), pdx.ErrNotFound)
			})
		})
	}
}

// A voucher that was taken is not used when its time is nearly over; the ack on
// chain, which the buyer sends then, is.
func TestVoucherThatComesToNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start(t)
		sale, deal := w.waitsForAck(t, s)
		require.NoError(t, s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, signedAck(t, deal, theBuyer)))
		w.stop(t, s)
		w.chain.pass(ackBlocks*3/4 + 1)
		s = w.start(t)
		defer w.stop(t, s)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Zero(t, w.chain.count("deliver"))
		require.Nil(t, w.sale(t, s, sale.ID).Delivery)
		w.chain.move(deal.ID, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

// The buyer's ack on chain, between the voucher and the delivery, undoes nothing.
func TestAckOnChainBesideAVoucher(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale, deal := w.waitsForAck(t, s)
		require.NoError(t, s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, signedAck(t, deal, theBuyer)))
		w.chain.move(deal.ID, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

// TestVoucherCrash cuts the power at every moment from the voucher to the money.
func TestVoucherCrash(t *testing.T) {
	for moment := 1; ; moment++ {
		finished := false
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s := w.start(t)
			sale, deal := w.waitsForAck(t, s)
			v := signedAck(t, deal, theBuyer)
			w.power.cutAt(moment)
			taken := s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, v)
			w.chain.pass(1)
			time.Sleep(time.Minute)
			synctest.Wait()
			finished = !w.power.isOff()
			w.stop(t, s)
			w.power.restore()
			s = w.start(t)
			defer w.stop(t, s)
			if taken != nil { // the buyer heard nothing, and hands it over again
				_ = s.TakeSignedAck(t.Context(), theBuyer.Account(), deal.ID, v)
			}
			w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
			w.requireSoldOnce(t, s, 0)
			end, err := w.chain.Deal(context.WithoutCancel(t.Context()), deal.ID)
			require.NoError(t, err)
			require.Equal(t, v.AckHeight, end.AckHeight)
		})
		if finished {
			require.Greater(t, moment, 4, "a voucher has more moments than that")
			return
		}
	}
}

func TestAckByDefault(t *testing.T) {
	for name, c := range map[string]struct {
		mode  pdx.AckMode
		pass  int64
		acked bool
	}{
		"promised and overdue":        {pdx.AckQuorum, ackBlocks + 20, true},
		"the chain may still do it":   {pdx.AckQuorum, ackBlocks + 5, false},
		"the deadline has not passed": {pdx.AckQuorum, ackBlocks / 2, false},
		"only the buyer acknowledges": {pdx.AckBuyer, ackBlocks + 20, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				w.chain.pool.AckMode = c.mode
				sale, deal := w.waitsForAck(t, s)
				time.Sleep(ackTime)
				w.chain.pass(c.pass)
				time.Sleep(3 * time.Minute)
				synctest.Wait()
				if !c.acked {
					require.Zero(t, w.chain.count("default ack"))
					return
				}
				w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
				require.Equal(t, 1, w.chain.count("default ack"))
				w.requireSoldOnce(t, s, 0)
				require.NotZero(t, deal.ID)
			})
		})
	}
}

// A pool that draws is sold to as a whole, and only validators that were drawn are asked, once
// they are.
func TestSaleIntoAPoolThatDraws(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.pool.Draw, w.chain.pool.Certificates = 1, 1
		few := w.order()
		few.Validators = []pdx.Address{"panacea1val1"}
		_, err := s.Sell(t.Context(), few)
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.ErrorContains(t, err, "selects 1 validator at random: accept all")

		id := w.sell(t, s)
		w.reaches(t, s, id, model.SaleOffered)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Empty(t, w.asked, "nobody is drawn")
		w.chain.alter(1, func(d *pdx.Deal) {
			d.Validators, d.Draw.Height = []pdx.Address{"panacea1val2"}, 7
		})
		s.Wake(pdx.Event{Kind: "EventDrawn", Pool: 7, Deal: 1})
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		require.Equal(t, pdx.Address("panacea1val2"), <-w.asked)
		require.Empty(t, w.asked)
	})
}
