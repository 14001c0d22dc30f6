package seller_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// certifiedSale is a sale that waits for the ack.
func (w *world) certifiedSale(t *testing.T, s *seller.Service) model.Sale {
	t.Helper()
	w.chain.autoAck = false
	return w.reaches(t, s, w.sell(t, s), model.SaleCertified)
}

// The key goes nowhere while the ledger shows other terms than were offered,
// and goes when it shows them again.
func TestAlteredTerms(t *testing.T) {
	for name, alter := range map[string]func(*pdx.Deal){
		"buyer key": func(d *pdx.Deal) { d.BuyerKey = seal.NewBuyerKey().Public() },
		"price":     func(d *pdx.Deal) { d.Price-- },
		"buyer":     func(d *pdx.Deal) { d.Buyer = stranger },
		"payee":     func(d *pdx.Deal) { d.Seller = stranger },
		"criteria":  func(d *pdx.Deal) { d.Criteria[0]++ },
		"pool":      func(d *pdx.Deal) { d.Pool++ },
		"dataset":   func(d *pdx.Deal) { d.Dataset.Nonce[0]++ },
		"quorum":    func(d *pdx.Deal) { d.Required-- },
		"fields":    func(d *pdx.Deal) { d.Fields = nil },
		"validator": func(d *pdx.Deal) { d.Certificates[0].Validator = stranger },
		"ack":       func(d *pdx.Deal) { d.AckHeight = 0 },
		"history":   func(d *pdx.Deal) { d.History = nil },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				sale := w.certifiedSale(t, s)
				w.chain.mu.Lock()
				w.chain.onChange = nil
				w.chain.enter(sale.Deal, pdx.DealAcked)
				honest1 := copyDeal(w.chain.deals[0])
				alter(&w.chain.deals[0])
				w.chain.mu.Unlock()
				s.Wake(pdx.Event{Pool: 7, Deal: sale.Deal})
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Zero(t, w.chain.count("deliver"))
				require.Contains(t, w.sale(t, s, sale.ID).Reason, "not on the terms")
				require.Nil(t, w.sale(t, s, sale.ID).Delivery)

				w.chain.alter(sale.Deal, func(d *pdx.Deal) { *d = honest1 })
				w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
				w.requireSoldOnce(t, s, 0)
			})
		})
	}
}

func TestTimeForTheKey(t *testing.T) {
	for name, c := range map[string]struct {
		blocks    int64 // left
		time      time.Duration
		delivered bool
	}{
		"all of it":               {keyBlocks, keyTime, true},
		"a quarter":               {keyBlocks / 4, keyTime / 4, true},
		"too few blocks":          {keyBlocks/4 - 1, keyTime, false},
		"too little time":         {keyBlocks, keyTime/4 - time.Second, false},
		"the deadline has passed": {-1, -time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				sale := w.certifiedSale(t, s)
				time.Sleep(time.Second) // the next wake is followed at once
				w.chain.mu.Lock()
				w.chain.onChange = nil
				w.chain.enter(sale.Deal, pdx.DealAcked)
				d := &w.chain.deals[0]
				d.DeadlineHeight = w.chain.height + c.blocks
				d.AckHeight = d.DeadlineHeight - keyBlocks
				d.DeadlineTime = time.Now().Add(c.time)
				d.History[len(d.History)-1].Time = d.DeadlineTime.Add(-keyTime)
				w.chain.mu.Unlock()
				s.Wake(pdx.Event{Pool: 7, Deal: sale.Deal})
				synctest.Wait()
				if c.delivered {
					require.Equal(t, 1, w.chain.count("deliver"))
					return
				}
				require.Zero(t, w.chain.count("deliver"))
				require.Contains(t, w.sale(t, s, sale.ID).Reason, "quarter")
				w.chain.move(sale.Deal, pdx.DealUndelivered)
				w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
				require.Contains(t, w.sale(t, s, sale.ID).Reason, "deposit is lost")
			})
		})
	}
}

func TestOtherChain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.certifiedSale(t, s)
		w.stop(t, s)
		other, err := seller.New(seller.Config{
			ChainID: "another-1", Account: account, Folder: w.folder, Documents: w.docs, Ledger: w.chain, Prover: w.prover, Wallet: w.chain,
			Blobs: blobs{w.blobs}, Validators: w, Sales: w.sales, Data: w.data, Secrets: w.secrets, Marks: w.marks,
		})
		require.NoError(t, err)
		require.NoError(t, other.Start(t.Context()))
		defer w.stop(t, other)
		w.chain.move(sale.Deal, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, other, sale.ID).Reason != "" })
		require.Zero(t, w.chain.count("deliver"))
	})
}

func TestOtherSeed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.certifiedSale(t, s)
		fresh := seal.NewSeed().Bytes()
		require.NoError(t, w.secrets.Put(t.Context(), "seller/seed", fresh[:]))
		w.chain.move(sale.Deal, pdx.DealAcked)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Reason != "" })
		require.Contains(t, w.sale(t, s, sale.ID).Reason, "seed")
		require.Zero(t, w.chain.count("deliver"))
	})
}
