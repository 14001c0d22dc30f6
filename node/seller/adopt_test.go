package seller_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// forget loses all that the database knew but for the secrets.
func (w *world) forget() {
	w.sales, w.marks = &storetest.Table[model.Sale]{}, &storetest.Table[string]{}
}

func (w *world) loseBlobs() { w.blobs = mem.New(mem.WithOrigin(w)) }

func (w *world) loseDisclosed(t *testing.T) {
	t.Helper()
	require.NoError(t, os.RemoveAll(w.folder))
}

// stopAt makes a sale and stops its seller when the deal is in a state.
func (w *world) stopAt(t *testing.T, s *seller.Service, state pdx.DealState) model.Sale {
	t.Helper()
	w.chain.autoAck, w.chain.autoEnd = false, false
	answers := w.validators
	if state == pdx.DealOffered {
		w.validators = map[pdx.Address]ask{"panacea1val1": silent, "panacea1val2": silent}
	}
	id := w.sell(t, s)
	first := state
	if state == pdx.DealAcked || state == pdx.DealDelivered {
		first = pdx.DealCertified
	}
	sale := w.reaches(t, s, id, model.SaleState(first))
	switch state {
	case pdx.DealAcked: // before its seller can deliver
		w.stop(t, s)
		w.chain.move(sale.Deal, pdx.DealAcked)
	case pdx.DealDelivered:
		w.chain.move(sale.Deal, pdx.DealAcked)
		sale = w.reaches(t, s, id, model.SaleDelivered)
	}
	w.stop(t, s)
	w.validators = answers
	return sale
}

// silent never answers.
func silent(ctx context.Context, _ *world, _ pdx.Address, _ seller.Request, _ func(pdx.Progress)) (pdx.Verdict, error) {
	<-ctx.Done()
	return pdx.Verdict{}, ctx.Err()
}

// finishes lets a deal go on to its end, and requires that it was sold once.
func (w *world) finishes(t *testing.T, s *seller.Service, deal pdx.DealID) model.Sale {
	t.Helper()
	state := func() pdx.DealState { d, _ := w.chain.Deal(t.Context(), deal); return d.State }
	w.until(t, func() bool { return state() != pdx.DealOffered })
	if state() == pdx.DealCertified {
		w.until(t, func() bool { return s.MayPull(t.Context(), buyer, w.root(t, deal)) == nil })
		w.until(t, func() bool { _, err := w.pull(w.root(t, deal)); return err == nil })
		w.chain.move(deal, pdx.DealAcked)
	}
	w.until(t, func() bool { return state() == pdx.DealDelivered })
	d, err := w.chain.Deal(t.Context(), deal)
	require.NoError(t, err)
	require.Equal(t, w.plain, w.open(t, d))
	w.chain.move(deal, pdx.DealFinal)
	var sale model.Sale
	w.until(t, func() bool {
		for _, sale = range sales(t, s) {
			if sale.Deal == deal && sale.Settled {
				return true
			}
		}
		return false
	})
	require.Equal(t, model.SaleFinal, sale.State)
	require.Equal(t, 1, w.chain.count("offer"))
	return sale
}

func (w *world) root(t *testing.T, deal pdx.DealID) pdx.ContentID {
	t.Helper()
	d, err := w.chain.Deal(t.Context(), deal)
	require.NoError(t, err)
	return d.Dataset.Root
}

// A sale that the database forgot goes on, in whatever state its deal is and
// whatever else is lost, as long as seed and records are somewhere.
func TestForgottenSaleGoesOn(t *testing.T) {
	for _, state := range []pdx.DealState{pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered} {
		for name, lose := range map[string]func(t *testing.T, w *world){
			"sales":                      func(*testing.T, *world) {},
			"sales, blobs":               func(_ *testing.T, w *world) { w.loseBlobs() },
			"sales, blobs, disclosed":    func(t *testing.T, w *world) { w.loseBlobs(); w.loseDisclosed(t) },
			"sales, blobs, data":         func(_ *testing.T, w *world) { w.loseBlobs(); w.data = &storetest.Table[model.Data]{} },
			"sales, blobs, other's file": func(t *testing.T, w *world) { w.loseBlobs(); w.renameDisclosed(t) },
		} {
			t.Run(string(state)+" without "+name, func(t *testing.T) {
				inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
					sale := w.stopAt(t, s, state)
					w.forget()
					lose(t, w)
					again := w.start(t)
					defer func() { w.stop(t, again) }()
					ended := w.finishes(t, again, sale.Deal)
					require.True(t, ended.Adopted)

					w.stop(t, again) // known now: nothing is adopted twice
					again = w.start(t)
					<-again.Compared()
					require.Len(t, sales(t, again), 1)
				})
			})
		}
	}
}

func (w *world) renameDisclosed(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(w.folder)
	require.NoError(t, err)
	for _, e := range entries {
		require.NoError(t, os.Rename(filepath.Join(w.folder, e.Name()), filepath.Join(w.folder, "s-of-another-name.ndjson")))
	}
	require.NoError(t, os.WriteFile(filepath.Join(w.folder, "a-other.ndjson"), []byte(w.plain[1:]+"\n"), 0o600), "as long, and not it")
}

// Without records the key of an acknowledged deal is delivered all the same, and
// a deal that must be served says what is missing until the data is there.
func TestForgottenSaleWithoutRecords(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.stopAt(t, s, pdx.DealCertified)
		w.forget()
		w.loseBlobs()
		w.loseDisclosed(t)
		w.data = &storetest.Table[model.Data]{}
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.until(t, func() bool { list := sales(t, s); return len(list) == 1 && list[0].Reason != "" })
		require.Contains(t, sales(t, s)[0].Reason, "pdx data add")

		_, err := s.AddData(t.Context(), w.file, "visits", "", nil)
		require.NoError(t, err)
		w.until(t, func() bool { _, err := w.pull(sale.Dataset.Root); return err == nil })
		require.Equal(t, w.file, mustData(t, s, sales(t, s)[0].Data).Path)
		w.finishes(t, s, sale.Deal)
	})
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.stopAt(t, s, pdx.DealAcked)
		w.forget()
		w.loseBlobs()
		w.loseDisclosed(t)
		w.data = &storetest.Table[model.Data]{}
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.finishes(t, s, sale.Deal)
	})
}

// A ciphertext that could not be made again, because the disk was full, is made
// when there is room.
func TestCiphertextIsMadeWhenThereIsRoom(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.stopAt(t, s, pdx.DealCertified)
		w.loseBlobs()
		w.data = &storetest.Table[model.Data]{}
		w.power.fill(true)
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.until(t, func() bool { return strings.Contains(w.sale(t, s, sale.ID).Reason, "disk is full") })
		w.power.fill(false)
		w.until(t, func() bool { _, err := w.pull(sale.Dataset.Root); return err == nil })
		w.finishes(t, s, sale.Deal)
	})
}

// One damaged record does not keep others from being taken up.
func TestDamagedRecordStopsNoAdoption(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.stopAt(t, s, pdx.DealCertified)
		w.forget()
		w.sales.Hook = func(op string) error {
			if op == "put" {
				return store.ErrDamagedRow
			}
			return nil
		}
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		<-s.Compared()
		require.Empty(t, sales(t, s))
		require.NotZero(t, sale.Deal)
	})
}

func mustData(t *testing.T, s *seller.Service, id string) model.Data {
	t.Helper()
	d, err := s.GetData(t.Context(), id)
	require.NoError(t, err)
	return d
}

// A deal that was sealed under a seed that is lost is shown, with what is lost.
func TestForgottenSaleOfAnotherSeed(t *testing.T) {
	for _, state := range []pdx.DealState{pdx.DealOffered, pdx.DealCertified, pdx.DealAcked} {
		inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
			sale := w.stopAt(t, s, state)
			w.forget()
			w.secrets = &storetest.Secrets{}
			s = w.start(t)
			defer func() { w.stop(t, s) }()
			w.until(t, func() bool { list := sales(t, s); return len(list) == 1 && list[0].Reason != "" })
			require.Contains(t, sales(t, s)[0].Reason, "pdx restore", state)
			require.Zero(t, w.chain.count("deliver"))
			w.chain.move(sale.Deal, pdx.DealUndelivered)
			w.until(t, func() bool { return sales(t, s)[0].Settled })
		})
	}
}

// The seed is remade from what it is derived from.
func TestSeedIsMadeByItsOwner(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.stop(t, s)
		seed := seal.NewSeed()
		w.seed = func(context.Context) (seal.Seed, error) { return seed, nil }
		s = w.start(t)
		sale := w.stopAt(t, s, pdx.DealAcked)
		w.forget()
		w.secrets = &storetest.Secrets{}
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.finishes(t, s, sale.Deal)
	})
}

// A database from before the offer does not sell the same a second time.
func TestOlderDatabaseDoesNotSellTwice(t *testing.T) {
	for _, was := range []model.SaleState{model.SaleProjecting, model.SaleSealing, model.SaleOffering} {
		for _, state := range []pdx.DealState{pdx.DealCertified, pdx.DealAcked, pdx.DealFinal} {
			t.Run(string(was)+" before "+string(state), func(t *testing.T) {
				inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
					end := state
					if end == pdx.DealFinal {
						end = pdx.DealDelivered
					}
					sale := w.stopAt(t, s, end)
					if state == pdx.DealFinal {
						w.chain.move(sale.Deal, pdx.DealFinal)
					}
					old := sale
					old.State, old.Deal, old.Delivery, old.Checks = was, 0, nil, nil
					if was != model.SaleOffering {
						old.Dataset = nil
					}
					if was == model.SaleProjecting {
						old.Nonce, old.Disclosed = [32]byte{}, ""
					}
					w.forget()
					w.loseBlobs()
					require.NoError(t, w.sales.Put(t.Context(), old.ID, old))
					s = w.start(t)
					defer func() { w.stop(t, s) }()
					if state != pdx.DealFinal {
						w.finishes(t, s, sale.Deal)
					}
					w.until(t, func() bool {
						for _, sale := range sales(t, s) {
							if !sale.Settled {
								return false
							}
						}
						return true
					})
					require.Equal(t, 1, w.chain.count("offer"))
				})
			})
		}
	}
}

// While the deals cannot be listed nothing old is sealed, and it goes on by itself.
func TestOldSaleWaitsForTheList(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		w.stop(t, s)
		w.chain.unread = pdx.ErrUnavailable
		old := w.planned(t)
		require.NoError(t, w.sales.Put(t.Context(), old.ID, old))
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.until(t, func() bool { return w.sale(t, s, old.ID).Reason != "" })
		require.Contains(t, w.sale(t, s, old.ID).Reason, "this account's deals")
		require.Error(t, s.CompareTrouble())
		w.chain.mu.Lock()
		w.chain.unread = nil
		w.chain.mu.Unlock()
		w.until(t, func() bool { return w.sale(t, s, old.ID).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

// planned is a sale as ordering records it.
func (w *world) planned(t *testing.T) model.Sale {
	t.Helper()
	other := w.start(t)
	w.validators = map[pdx.Address]ask{"panacea1val1": honest, "panacea1val2": honest}
	w.prover.setReady(pdx.ErrUnavailable)
	defer w.prover.setReady(nil)
	data := mustData(t, other, w.name)
	w.stop(t, other)
	p, err := w.chain.Pool(t.Context(), 7)
	require.NoError(t, err)
	return bounded(p, model.Sale{
		ID: "sold", Pool: 7, Data: data.ID, Fields: []string{"/age", "/id"}, Agreed: []uint32{1},
		Validators: p.Validators, State: model.SaleProjecting,
		Terms: model.Terms{Buyer: p.Buyer, Key: p.Key, Price: p.Price, Criteria: p.Criteria, Required: p.Certificates},
	})
}

// bounded is a sale with what an order of today is bound to.
func bounded(p pdx.Pool, s model.Sale) model.Sale {
	s.Terms.TermsHash, s.MaxCommission, s.MaxDeposit = attest.TermsHash(p.Terms), p.Certificates*commission, deposit
	return s
}

// An offer that came through after its sale had been given up is not left alone.
func TestLateOfferRevivesItsSale(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		sale := w.stopAt(t, s, pdx.DealAcked)
		given := sale
		given.State, given.Deal, given.Settled, given.Delivery = model.SaleFailed, 0, true, nil
		require.NoError(t, w.sales.Put(t.Context(), given.ID, given))
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		require.Equal(t, sale.ID, w.finishes(t, s, sale.Deal).ID)
	})
}

// Nothing is sealed or offered by a node that could not deliver the key.
func TestNoSaleWithoutProofs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.prover.setReady(pdx.ErrRefused)
		s := w.start(t)
		_, err := s.Sell(t.Context(), w.order())
		require.ErrorIs(t, err, seller.ErrCannotProve)
		require.ErrorIs(t, err, pdx.ErrRefused)
		_, err = s.Preview(t.Context(), w.order(), nil)
		require.ErrorIs(t, err, seller.ErrCannotProve)
		require.Empty(t, sales(t, s))

		w.prover.setReady(nil) // trust expires while a sale waits
		w.stop(t, s)
		old := w.planned(t)
		require.NoError(t, w.sales.Put(t.Context(), old.ID, old))
		w.prover.setReady(pdx.ErrRefused)
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.until(t, func() bool { return w.sale(t, s, old.ID).Reason != "" })
		require.Zero(t, w.chain.count("offer"))
		require.Nil(t, w.sale(t, s, old.ID).Dataset)
		w.prover.setReady(nil)
		w.until(t, func() bool { return w.sale(t, s, old.ID).Settled })
		w.requireSoldOnce(t, s, 0)
	})
}

// A sale of FHIR resources that was taken up from the chain is sealed again from the whole
// export: which types it sold is in the criteria. It waits for those if they are not there.
func TestForgottenSaleOfResources(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, s *seller.Service) {
		g := everyFormat(t)["the Patients of a FHIR Bundle"]
		doc := fmt.Appendf(nil, `{"version":2,"title":"t","media_type":%q,"schema":{"properties":{"resourceType":{"const":"Patient"}}},
			"fields":[{"pointer":"/id","required":true,"purpose":"to count"},{"pointer":"/age","purpose":"to know"}]}`, g.mediaType)
		w.docs[criteria.IDOf(doc)] = doc
		w.chain.pool.Criteria, w.chain.pool.MediaType = criteria.IDOf(doc), g.mediaType
		_, err := s.AddData(t.Context(), g.lay(t), "goods", "", nil)
		require.NoError(t, err)
		w.name, w.plain = "goods", g.disclosed
		sale := w.stopAt(t, s, pdx.DealCertified)
		require.Equal(t, []string{"Patient"}, sale.Resources)
		w.forget()
		w.loseBlobs()
		w.loseDisclosed(t)
		delete(w.docs, criteria.IDOf(doc))
		s = w.start(t)
		defer func() { w.stop(t, s) }()
		w.until(t, func() bool {
			list := sales(t, s)
			return len(list) == 1 && strings.Contains(list[0].Reason, "criteria")
		})
		w.docs[criteria.IDOf(doc)] = doc
		ended := w.finishes(t, s, sale.Deal)
		require.True(t, ended.Adopted)
		require.Equal(t, []string{"Patient"}, ended.Resources)
	})
}
