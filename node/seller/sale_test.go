package seller_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// inWorld runs a test in virtual time with a running seller.
func inWorld(t *testing.T, test func(t *testing.T, w *world, s *seller.Service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start(t)
		defer w.stop(t, s)
		test(t, w, s)
	})
}

// sell orders the usual sale.
func (w *world) sell(t *testing.T, s *seller.Service) string {
	t.Helper()
	sale, err := s.Sell(t.Context(), w.order())
	require.NoError(t, err)
	return sale.ID
}

// reaches waits until a sale is in a state and returns it.
func (w *world) reaches(t *testing.T, s *seller.Service, id string, state model.SaleState) model.Sale {
	t.Helper()
	w.until(t, func() bool { return w.sale(t, s, id).State == state })
	return w.sale(t, s, id)
}

func TestSale(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		w.requireSoldOnce(t, s, 0)

		sale := w.sale(t, s, id)
		require.Empty(t, sale.Reason)
		require.EqualValues(t, recordCount, sale.Records)
		require.Equal(t, []string{"/age", "/id"}, sale.Fields)
		require.Len(t, sale.Checks, 2)
		for _, c := range sale.Checks {
			require.Equal(t, pdx.StageDone, c.Stage)
			require.True(t, c.Accepted)
		}
		require.Equal(t, 1, w.chain.count("offer"))
		require.Equal(t, 1, w.chain.count("deliver"))

		require.Empty(t, sale.Disclosed)
		left, err := os.ReadDir(w.folder)
		require.NoError(t, err)
		require.Empty(t, left, "the records were let go")
		w.requireNoSecretsLogged(t, w.chain.deals[0])
	})
}

// requireNoSecretsLogged looks for M and the seed in the log, in every form that
// a careless line would have.
func (w *world) requireNoSecretsLogged(t *testing.T, d pdx.Deal) {
	t.Helper()
	m, err := w.buyer.Recover(d.Delivery.D1, d.Delivery.D2)
	require.NoError(t, err)
	seed, err := w.secrets.Get(t.Context(), "seller/seed")
	require.NoError(t, err)
	request := seller.Request{Deal: d.ID, Opening: m}
	shown := w.log.String() + fmt.Sprintf("%v %+v %#v %x %s", request, request, request, request, request.LogValue())
	for _, secret := range [][]byte{m[:], seed} {
		require.NotContains(t, shown, hex.EncodeToString(secret))
		require.NotContains(t, shown, strings.Trim(fmt.Sprint(secret), "[]"))
		require.NotContains(t, shown, string(secret))
	}
}

func TestSellAgainIsTheSameSale(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.autoAck = false
		id := w.sell(t, s)
		o := w.order()
		o.Fields, o.Optional = []string{"/id", "/age", "/id"}, false // what the criteria ask for, said otherwise
		again, err := s.Sell(t.Context(), o)
		require.NoError(t, err)
		require.Equal(t, id, again.ID)

		o.Fields, o.Optional = []string{"/id"}, false
		other, err := s.Sell(t.Context(), o)
		require.NoError(t, err)
		require.NotEqual(t, id, other.ID)
	})
}

func TestNoFunds(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.balance = deposit - 1
		id := w.sell(t, s)
		w.until(t, func() bool { return w.chain.count("offer") >= 5 })
		sale := w.sale(t, s, id)
		require.Equal(t, model.SaleOffering, sale.State)
		require.Contains(t, sale.Reason, "waits for funds on "+string(account))

		w.chain.mu.Lock()
		w.chain.balance = deposit
		w.chain.mu.Unlock()
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		require.Equal(t, model.SaleFinal, w.sale(t, s, id).State)
		require.Empty(t, w.sale(t, s, id).Reason)
		require.Len(t, w.chain.deals, 1, "the deposit is paid once")
	})
}

func TestPoolClosesBeforeTheOffer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.balance = 0
		id := w.sell(t, s)
		w.until(t, func() bool { return w.chain.count("offer") > 0 })
		w.chain.mu.Lock()
		w.chain.began = time.Now()
		w.chain.pool.Status = pdx.PoolClosed
		w.chain.mu.Unlock()
		sale := w.reaches(t, s, id, model.SaleFailed)
		require.Contains(t, sale.Reason, "closed")
		require.Empty(t, w.chain.deals)
		_, err := w.blobs.Stat(t.Context(), sale.Dataset.Root)
		require.ErrorIs(t, err, pdx.ErrNotFound)
	})
}

// An offer that was refused for good while an earlier one may be on its way is
// not believed: the deal appears later and is taken.
func TestOfferThatComesThroughLate(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.balance = 0
		id := w.sell(t, s)
		w.until(t, func() bool { return w.chain.count("offer") > 0 })
		w.chain.mu.Lock()
		w.chain.pool.Status = pdx.PoolFilled
		w.chain.balance = deposit
		w.chain.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		sale := w.sale(t, s, id)
		require.Equal(t, model.SaleOffering, sale.State)
		require.Contains(t, sale.Reason, "may still come through")

		_, err := w.chain.Offer(t.Context(), w.chain.earlier(sale))
		require.NoError(t, err)
		w.reaches(t, s, id, model.SaleFinal)
	})
}

// TestOfferIsDoubtedByHeights: the clock of this machine is set in the minutes after
// an offer was sent. Only blocks end the doubt.
func TestOfferIsDoubtedByHeights(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.balance = 0
		id := w.sell(t, s)
		w.until(t, func() bool { return w.chain.count("offer") > 0 })
		w.chain.mu.Lock()
		w.chain.began = time.Now()
		w.chain.pool.Status, w.chain.balance = pdx.PoolFilled, deposit
		w.chain.mu.Unlock()
		for _, ahead := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
			_, err := w.sales.Update(t.Context(), id, func(sale model.Sale) (model.Sale, error) {
				sale.Tried = time.Now().Add(ahead) // as it was written on another clock
				return sale, nil
			})
			require.NoError(t, err)
			w.resume(s)
			require.Equal(t, model.SaleOffering, w.sale(t, s, id).State)
			w.until(t, func() bool { return strings.Contains(w.sale(t, s, id).Reason, "may still come through") })
		}
		time.Sleep(10 * time.Minute)
		require.Equal(t, model.SaleFailed, w.sale(t, s, id).State)
	})
}

// An older program did not note at which height it sent an offer.
func TestDoubtOfAnOlderProgramEnds(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.chain.balance = 0
		id := w.sell(t, s)
		w.until(t, func() bool { return w.chain.count("offer") > 0 })
		w.chain.mu.Lock()
		w.chain.began = time.Now()
		w.chain.pool.Status = pdx.PoolFilled
		w.chain.mu.Unlock()
		_, err := w.sales.Update(t.Context(), id, func(sale model.Sale) (model.Sale, error) {
			sale.TriedAt = 0
			return sale, nil
		})
		require.NoError(t, err)
		w.resume(s)
		require.Contains(t, w.sale(t, s, id).Reason, "may still come through")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Equal(t, model.SaleFailed, w.sale(t, s, id).State)
	})
}

// clearWallet sends nothing.
type clearWallet struct{ *chain }

func (clearWallet) Offer(context.Context, pdx.Offer) (pdx.DealID, error) { return 0, pdx.ErrRefused }

func TestRefusalOfTheOnlyOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, err := seller.New(seller.Config{
			ChainID: chainID, Account: account, Folder: w.folder, Documents: w.docs, Ledger: w.chain, Prover: w.prover, Wallet: clearWallet{w.chain},
			Blobs: blobs{w.blobs}, Validators: w, Sales: w.sales, Data: w.data, Secrets: w.secrets, Marks: w.marks,
		})
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		defer w.stop(t, s)
		sale := w.reaches(t, s, w.sell(t, s), model.SaleFailed)
		require.Zero(t, sale.TriedAt)
		require.Zero(t, sale.Tried, "nothing is on its way")
	})
}

// refusingWallet sends the offer and reports a refusal, as when a wallet sends a
// second transaction of its own and hears only of that one.
type refusingWallet struct{ *chain }

func (w refusingWallet) Offer(ctx context.Context, o pdx.Offer) (pdx.DealID, error) {
	_, err := w.chain.Offer(ctx, o)
	return 0, errors.Join(err, pdx.ErrRefused)
}

func TestRefusalOfASecondOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, err := seller.New(seller.Config{
			ChainID: chainID, Account: account, Folder: w.folder, Documents: w.docs,
			Ledger: w.chain, Prover: w.prover, Wallet: refusingWallet{w.chain},
			Blobs: blobs{w.blobs}, Validators: w, Sales: w.sales, Data: w.data, Secrets: w.secrets, Marks: w.marks,
		})
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		defer w.stop(t, s)
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

func TestRecordsThatBreakTheCriteria(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.write(t, `{"id":"p1","age":1}`+"\n"+`{"age":2,"name":"Lee"}`+"\n")
		_, err := s.AddData(t.Context(), w.file, "", "", nil)
		require.NoError(t, err)
		id := w.sell(t, s)
		sale := w.reaches(t, s, id, model.SaleFailed)
		require.Contains(t, sale.Reason, "nothing was offered")
		require.Len(t, sale.Findings, 1)
		require.EqualValues(t, 2, sale.Findings[0].Record)
		require.Zero(t, w.chain.count("offer"))

		o := w.order()
		o.Unchecked = true
		w.validators["panacea1val1"], w.validators["panacea1val2"] = rejecting, rejecting
		unchecked, err := s.Sell(t.Context(), o)
		require.NoError(t, err)
		sale = w.reaches(t, s, unchecked.ID, model.SaleOffered)
		w.until(t, func() bool { c := w.sale(t, s, sale.ID).Checks; return len(c) == 2 && c[1].Stage == pdx.StageDone })
		require.Equal(t, "criteria", w.sale(t, s, sale.ID).Checks[0].Message)
		w.chain.move(sale.Deal, pdx.DealLapsed)
		w.until(t, func() bool { return w.sale(t, s, sale.ID).Settled })
		require.Contains(t, w.sale(t, s, sale.ID).Reason, "rejected it: criteria")
		require.Equal(t, 10*deposit, w.chain.balance+w.chain.module, "the deposit came back")
	})
}

// rejecting certifies that the criteria are broken.
func rejecting(_ context.Context, w *world, v pdx.Address, r seller.Request, _ func(pdx.Progress)) (pdx.Verdict, error) {
	w.chain.certify(r.Deal, pdx.Certificate{Validator: v, Reason: pdx.RejectCriteria})
	return pdx.Verdict{Reason: pdx.RejectCriteria, Findings: []pdx.Finding{{Record: 2, Path: "/id", Rule: "schema/required"}}}, nil
}

func TestFileChangesAfterTheOrder(t *testing.T) {
	for name, mend := range map[string]bool{"openly": false, "with the same size and time": true} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
				before, err := os.Stat(w.file)
				require.NoError(t, err)
				raw, err := os.ReadFile(w.file)
				require.NoError(t, err)
				changed := strings.Replace(string(raw), "p17-", "p71-", 1)
				if !mend {
					_, err := s.Sell(t.Context(), w.order())
					require.NoError(t, err, "fine until it changes")
					changed += "\n\n"
				}
				w.write(t, changed)
				if mend {
					require.NoError(t, os.Chtimes(w.file, before.ModTime(), before.ModTime()))
				}
				o := w.order()
				o.Fields, o.Optional = []string{"/id"}, false
				sale, err := s.Sell(t.Context(), o)
				if !mend {
					require.ErrorIs(t, err, records.ErrChanged)
					require.ErrorIs(t, err, pdx.ErrRefused)
					return
				}
				require.NoError(t, err)
				require.Contains(t, w.reaches(t, s, sale.ID, model.SaleFailed).Reason, "add it again")
				require.Zero(t, w.chain.count("offer"))
			})
		})
	}
}

// A copy that was lost or altered before it was sealed is made again.
func TestCopyIsLost(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.stop(t, s)
		w.power.failAt = 6 // after the copy was written down
		w.power.moment = 0
		s = w.start(t)
		_, err := s.Sell(t.Context(), w.order())
		require.NoError(t, err)
		w.until(t, w.power.isOff)
		w.stop(t, s)
		sales, err := w.sales.All(t.Context())
		require.NoError(t, err)
		require.Equal(t, model.SaleSealing, sales[0].State)
		require.NoError(t, os.WriteFile(sales[0].Disclosed, []byte("{}\n"), 0o600))

		w.power = &power{}
		s = w.start(t)
		defer w.stop(t, s)
		w.until(t, func() bool { return w.sale(t, s, sales[0].ID).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

func TestChanges(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		ctx, cancel := context.WithCancel(t.Context())
		states := make(chan model.SaleState, 1000)
		go func() {
			defer close(states)
			for sale := range s.Changes(ctx) {
				states <- sale.State
			}
		}()
		id := w.sell(t, s)
		w.until(t, func() bool { return w.sale(t, s, id).Settled })
		cancel()
		var last model.SaleState
		for state := range states {
			last = state
		}
		require.Equal(t, model.SaleFinal, last)
		w.chain.autoAck = false
		next := w.reaches(t, s, w.sell(t, s), model.SaleCertified)
		for sale := range s.Changes(t.Context()) {
			require.Equal(t, next.ID, sale.ID, "it begins with what is in progress")
			break
		}
	})
}
