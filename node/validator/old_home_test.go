package validator_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store/homestest"
	"github.com/medibloc/pdx/node/validator"
)

// oldLedger is what the chain knew when a home was made, what the seller asked
// with, and what the other parties serve.
type oldLedger struct {
	Height  int64
	Deals   map[pdx.DealID]pdx.Deal
	Opening pdx.Element
	Proof   []byte
	Remote  map[pdx.Address]map[string][]byte
	Certs   int
}

// TestOldHomes takes up deals where a validator of commit 3862413 left them, one
// home for each state: the seller asks again, and gets the same verdict and one
// certificate; what was promised is kept until the deal ends.
func TestOldHomes(t *testing.T) {
	homes := homestest.Read(t, "testdata/homes-3862413.tar.gz")
	for _, name := range homes.Names() {
		t.Run(name, func(t *testing.T) {
			var ledger oldLedger
			h := homes.Open(t, name, &ledger)
			records, held := homestest.Rows[validator.Record](t, h, "validations"), h.Contents(t)
			h.Close(t)
			synctest.Test(t, func(t *testing.T) { goOn(t, ledger, records, held) })
		})
	}
}

func goOn(t *testing.T, ledger oldLedger, records []validator.Record, held [][]byte) {
	t.Helper()
	w := newWorld(t)
	w.head.Height, w.deals, w.certs = ledger.Height, ledger.Deals, ledger.Certs
	for account, blobs := range ledger.Remote {
		for _, raw := range blobs {
			w.remote[account][blake3.Sum256(raw)] = raw
		}
	}
	for _, raw := range held {
		w.stored[blake3.Sum256(raw)] = raw
	}
	for _, r := range records {
		require.NoError(t, w.vault.Put(t.Context(), r.Deal.String(), r))
	}
	before := w.deal(1)
	s := w.start()
	synctest.Wait()
	req := validator.Request{Deal: 1, Asker: seller, Peer: "12D3Koo", Opening: ledger.Opening, Proof: ledger.Proof}
	v, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.Equal(t, 1, w.certs, "one certificate")
	d := w.deal(1)
	require.Equal(t, v.Report, d.Certificates[0].Report)
	require.Equal(t, v.Accepted && !before.State.Ended(), w.has(d.Dataset.Root), "what was promised is kept")

	d.State = pdx.DealFinal
	w.set(d)
	s.Wake(pdx.Event{Deal: 1, State: string(pdx.DealFinal)})
	synctest.Wait()
	require.Empty(t, w.stored)
	left, err := w.vault.Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, left)
	require.NoError(t, s.Stop(t.Context()))
}
