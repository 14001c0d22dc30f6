package validator_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/validator"
)

func rootOf(raw []byte) pdx.ContentID { return blake3.Sum256(raw) }

func TestCiphertextStaysUntilTheDealEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		root := w.deal(1).Dataset.Root
		for _, state := range []pdx.DealState{pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal} {
			d := w.deal(1)
			d.State = state
			w.set(d)
			s.Wake(pdx.Event{Deal: 1, State: string(state)})
			synctest.Wait()
			require.Equal(t, !state.Ended(), w.has(root), state)
		}
		require.False(t, w.has(criteria.IDOf(wantPatients)), "criteria stay without a deal")
		n, err := w.vault.Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)

		v, err := s.Validate(t.Context(), req, quiet)
		require.NoError(t, err, "the chain still knows the verdict")
		require.True(t, v.Accepted)
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestStartSweepsWhatEndedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		one, two := w.offer(1, patients(3)), w.offer(2, patients(4))
		s := w.start()
		for _, req := range []validator.Request{one, two} {
			_, err := s.Validate(t.Context(), req, quiet)
			require.NoError(t, err)
		}
		require.NoError(t, s.Stop(t.Context()))
		d := w.deal(1)
		d.State = pdx.DealUnacked
		w.set(d)
		s = w.start()
		synctest.Wait()
		require.False(t, w.has(d.Dataset.Root))
		require.True(t, w.has(w.deal(2).Dataset.Root))
		require.True(t, w.has(criteria.IDOf(wantPatients)), "deal 2 still needs them")
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestSharedCiphertextStaysForTheOtherDeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.offer(1, patients(3))
		d := w.deal(1)
		for id := range pdx.DealID(2) {
			r := validator.Record{
				Deal: id + 1, Root: d.Dataset.Root, Buyer: buyer, Size: d.Dataset.Size,
				Verdict: &pdx.Verdict{Accepted: true}, Certified: true, Promised: true,
			}
			require.NoError(t, w.vault.Put(t.Context(), r.Deal.String(), r))
		}
		w.stored[d.Dataset.Root] = w.remote[seller][d.Dataset.Root]
		other := d
		other.ID, other.State, d.State = 2, pdx.DealCertified, pdx.DealFinal
		w.set(d)
		w.set(other)
		s := w.start()
		synctest.Wait()
		require.True(t, w.has(d.Dataset.Root))
		other.State = pdx.DealFinal
		w.set(other)
		s.Wake(pdx.Event{Deal: 2, State: string(pdx.DealFinal)})
		synctest.Wait()
		require.False(t, w.has(d.Dataset.Root))
		require.NoError(t, s.Stop(t.Context()))
	})
}

// A pool's criteria name large schemas by CID, of which the last is none. There is no
// verdict, and nothing of them stays when the deal is over, also after a crash.
func TestSchemasOfUnusableCriteriaGo(t *testing.T) {
	for name, crash := range map[string]bool{"": false, "after a crash": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				req := w.offerWithSchemas(1, 5)
				s := w.start()
				_, err := s.Validate(t.Context(), req, quiet)
				require.Error(t, err)
				require.NotErrorIs(t, err, validator.ErrNoRoom)
				require.Greater(t, w.documentBytes(), 30<<20, "they were fetched")
				if crash {
					require.NoError(t, s.Stop(t.Context()))
					s = w.start()
				}
				d := w.deal(1)
				d.State = pdx.DealLapsed
				w.set(d)
				s.Wake(pdx.Event{Deal: 1, State: string(pdx.DealLapsed)})
				synctest.Wait()
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Zero(t, w.documentBytes())
				n, err := w.vault.Count(t.Context())
				require.NoError(t, err)
				require.Zero(t, n)
				require.NoError(t, s.Stop(t.Context()))
			})
		})
	}
}

// Hostile pools do not fill the disk with schemas: there is a bound for all of them.
func TestDocumentsHaveAQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const quota = 50 << 20
		var requests []validator.Request
		for id := range pdx.DealID(4) {
			requests = append(requests, w.offerWithSchemas(id+1, 4))
		}
		s := w.start(func(c *validator.Config) { c.MaxDocuments = quota })
		full := 0
		for _, req := range requests {
			_, err := s.Validate(t.Context(), req, quiet)
			require.Error(t, err)
			if errors.Is(err, validator.ErrNoRoom) {
				require.True(t, validator.Retry(err))
				full++
			}
			require.LessOrEqual(t, w.documentBytes(), quota)
		}
		require.Positive(t, full)
		for id := range pdx.DealID(4) {
			d := w.deal(id + 1)
			d.State = pdx.DealLapsed
			w.set(d)
			s.Wake(pdx.Event{Deal: id + 1, State: string(pdx.DealLapsed)})
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Zero(t, w.documentBytes())
		_, err := s.Validate(t.Context(), w.offer(9, patients(3)), quiet)
		require.NoError(t, err, "there is space again")
		require.NoError(t, s.Stop(t.Context()))
	})
}

// offerWithSchemas offers a deal into a pool whose criteria name so many schemas of 7 MiB,
// and one that is none.
func (w *world) offerWithSchemas(id pdx.DealID, n int) validator.Request {
	put := func(document string) pdx.ContentID {
		root := criteria.IDOf([]byte(document))
		w.remote[buyer][root] = []byte(document)
		return root
	}
	var refs []string
	for i := range n {
		text := strings.Repeat(string(rune('a'+i))+id.String(), 7<<19)
		refs = append(refs, `{"$ref":"cid:`+put(`{"$comment":"`+text+`","type":"object"}`).String()+`"}`)
	}
	refs = append(refs, `{"$ref":"cid:`+put(`{"type": 7}`).String()+`"}`)
	document := put(`{"version":1,"title":"t","media_type":"application/x-ndjson","schema":{"allOf":[` + strings.Join(refs, ",") + `]},
		"fields":[{"pointer":"/id","required":true,"purpose":"p"},{"pointer":"/birthDate","required":true,"purpose":"p"}]}`)
	req := w.offer(id, patients(3))
	d := w.deal(id)
	d.Criteria = document
	w.set(d)
	return req
}

// documentBytes is how many bytes of large documents are stored.
func (w *world) documentBytes() (bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, raw := range w.stored {
		bytes += len(raw)
	}
	return bytes
}
