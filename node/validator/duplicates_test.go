package validator_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/validator"
)

const other = pdx.Address("panacea1othervalidator")

var wantUnique = []byte(`{
  "version": 2, "title": "Patients", "media_type": "application/x-ndjson", "schema": {"type": "object"}, "unique": [["/id"]],
  "record_bytes": {"max": 1048576},
  "fields": [{"pointer": "/id", "required": true, "purpose": "to count"}, {"pointer": "/birthDate", "purpose": "age"}, ` +
	`{"pointer": "/gender", "purpose": "groups"}]
}`)

// recipientsOf are the key pairs of a validator that rotated its recipient key: the present one, and the one
// to which pools sealed before.
func recipientsOf(account pdx.Address) func(context.Context) ([]dedup.Recipient, error) {
	return func(context.Context) (list []dedup.Recipient, err error) {
		for _, of := range []string{"present" + string(account), string(account)} {
			seed := sha256.Sum256([]byte(of))
			r, err := dedup.NewRecipient(seed[:])
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		return list, nil
	}
}

// refusing makes the world's pool one that refuses duplicates, with two validators.
func (w *world) refusing(poolKey seal.BuyerKey) dedup.Key {
	w.t.Helper()
	key := dedup.NewKey(dedup.Pool{ChainID: chainID, BuyerKey: poolKey.Public()}, poolKey.TagSecret())
	pool := pdx.Pool{
		ID: 1, Buyer: buyer, Key: poolKey.Public(), Validators: []pdx.Address{me, other}, Status: pdx.PoolOpen,
		TagCommitment: key.Commitment(),
	}
	var keys [][]byte
	for _, v := range pool.Validators {
		recipients, err := recipientsOf(v)(context.Background())
		require.NoError(w.t, err)
		public := recipients[1].Public()
		sealed, err := key.SealTo(v, public[:])
		require.NoError(w.t, err)
		keys = append(keys, sealed)
	}
	w.edit(func() {
		w.pools[1], w.tagKeys[1] = pool, keys
		w.remote[buyer][criteria.IDOf(wantUnique)] = wantUnique
	})
	return key
}

// offerTo offers records to that pool, to be certified by one validator.
func (w *world) offerTo(id pdx.DealID, records string, fields ...string) validator.Request {
	w.t.Helper()
	req := w.offer(id, records)
	w.edit(func() {
		d := w.deals[id]
		d.BuyerKey, d.TagCommitment, d.Criteria = w.pools[1].Key, w.pools[1].TagCommitment, criteria.IDOf(wantUnique)
		d.Validators, d.Fields = []pdx.Address{w.account}, fields
		w.deals[id] = d
	})
	return req
}

// sells has a validator of its own world judge records.
func (w *world) sells(s *validator.Service, id pdx.DealID, records string, fields ...string) pdx.Verdict {
	w.t.Helper()
	req := w.offerTo(id, records, fields...)
	v, err := s.Validate(context.Background(), req, quiet)
	require.NoError(w.t, err)
	return v
}

func rows(format string, from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, format+"\n", i)
	}
	return b.String()
}

const (
	fullRow  = `{"id":"p%06d","birthDate":"1950-01-02","gender":"f"}`
	shortRow = `{"id":"p%06d"}`
)

func reversed(records string) string {
	lines := strings.Split(strings.TrimSuffix(records, "\n"), "\n")
	slices.Reverse(lines)
	return strings.Join(lines, "\n") + "\n"
}

// later is the world of the pool's other validator, which sees the first deal and can get
// from its certifier what that serves.
func later(t *testing.T, first *world, s *validator.Service, poolKey seal.BuyerKey) *world {
	t.Helper()
	w := newWorld(t)
	w.account = other
	w.refusing(poolKey)
	d := first.deal(1)
	w.set(d)
	set := d.Certificates[0].Set
	require.False(t, set.IsZero())
	for reader, want := range map[pdx.Address]bool{other: true, me: true, buyer: true, seller: false, "stranger": false} {
		may, err := s.MayPull(context.Background(), reader, set.Root)
		require.NoError(t, err)
		require.Equal(t, want, may, reader)
	}
	first.edit(func() { w.remote[me] = map[pdx.ContentID][]byte{set.Root: first.stored[set.Root]} })
	require.Len(t, w.remote[me][set.Root], int(set.Size))
	return w
}

// TestDuplicatesAreRejected: whoever validates later finds what the pool bought before, in
// whatever shape it is offered, and says how much of it.
func TestDuplicatesAreRejected(t *testing.T) {
	all := []string{"/id", "/birthDate", "/gender"}
	poolKey := seal.NewBuyerKey()
	w := newWorld(t)
	w.refusing(poolKey)
	s := w.start()
	require.True(t, w.sells(s, 1, rows(fullRow, 0, 100), all...).Accepted)

	for name, c := range map[string]struct {
		records string
		fields  []string
		overlap int
	}{
		"the same again":       {rows(fullRow, 0, 100), all, 100},
		"in another order":     {reversed(rows(fullRow, 0, 100)), all, 100},
		"with fewer fields":    {rows(shortRow, 0, 100), all[:1], 100},
		"half of it new":       {rows(fullRow, 50, 150), all, 50},
		"one record in many":   {rows(fullRow, 99, 600), all, 1},
		"only the other half":  {rows(fullRow, 100, 200), all, 0},
		"the same, and a half": {rows(fullRow, 0, 150), all, 100},
	} {
		t.Run(name, func(t *testing.T) {
			l := later(t, w, s, poolKey)
			v := l.sells(l.start(), 2, c.records, c.fields...)
			if c.overlap == 0 {
				require.True(t, v.Accepted)
				require.False(t, l.deal(2).Certificates[0].Set.IsZero())
				return
			}
			require.Equal(t, pdx.RejectDuplicate, v.Reason)
			require.Equal(t, []pdx.Finding{{Rule: fmt.Sprint("overlap/", c.overlap)}}, v.Findings)
			require.True(t, l.deal(2).Certificates[0].Set.IsZero())
		})
	}
}

func TestAnOverlapMayBeAllowed(t *testing.T) {
	poolKey := seal.NewBuyerKey()
	w := newWorld(t)
	w.refusing(poolKey)
	s := w.start()
	w.sells(s, 1, rows(shortRow, 0, 100), "/id")
	for from, accepted := range map[int]bool{90: true, 89: false} {
		l := later(t, w, s, poolKey)
		req := l.offerTo(2, rows(shortRow, from, from+100), "/id")
		d := l.deal(2)
		d.MaxOverlap = 100_000 // a tenth
		l.set(d)
		v, err := l.start().Validate(context.Background(), req, quiet)
		require.NoError(t, err)
		require.Equal(t, accepted, v.Accepted, from)
	}
}

// TestNoSetNoVerdict: if nobody serves a set, nobody is blamed.
func TestNoSetNoVerdict(t *testing.T) {
	poolKey := seal.NewBuyerKey()
	w := newWorld(t)
	w.refusing(poolKey)
	s := w.start()
	w.sells(s, 1, rows(shortRow, 0, 100), "/id")
	l := later(t, w, s, poolKey)
	served := l.remote[me]
	l.edit(func() { l.remote[me] = nil })
	ls := l.start()
	req := l.offerTo(2, rows(shortRow, 500, 600), "/id")
	_, err := ls.Validate(context.Background(), req, quiet)
	require.True(t, validator.Retry(err))
	require.ErrorContains(t, err, "record set")
	require.Empty(t, l.deal(2).Certificates)
	l.edit(func() { l.remote[me] = served })
	v, err := ls.Validate(context.Background(), req, quiet)
	require.NoError(t, err)
	require.True(t, v.Accepted)
}

// TestADutyWithoutASetNamesTheSet: who was drawn says which set nobody serves, so that the
// seller does not pay for it.
func TestADutyWithoutASetNamesTheSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		poolKey := seal.NewBuyerKey()
		w := newWorld(t)
		w.refusing(poolKey)
		s := w.start()
		w.sells(s, 1, rows(shortRow, 0, 100), "/id")
		l := later(t, w, s, poolKey)
		l.edit(func() { l.remote[me] = nil })
		ls := l.start()
		req := l.offerTo(2, rows(shortRow, 500, 600), "/id")
		l.isDrawn(2)
		_, err := ls.Validate(t.Context(), req, quiet)
		require.True(t, validator.Retry(err))
		rest(certifyTime)
		require.Equal(t, pdx.RejectSet, l.verdict(2))
		require.Equal(t, w.deal(1).Certificates[0].Set, l.deal(2).Certificates[0].Set)
		require.NoError(t, ls.Stop(t.Context()))
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestASetThatDoesNotOpenIsNoSet: later sellers do not pay for the lie of a certifier.
func TestASetThatDoesNotOpenIsNoSet(t *testing.T) {
	poolKey := seal.NewBuyerKey()
	w := newWorld(t)
	w.refusing(poolKey)
	s := w.start()
	w.sells(s, 1, rows(shortRow, 0, 100), "/id")
	l := later(t, w, s, poolKey)
	junk := bytes.Repeat([]byte{7}, 64)
	d := l.deal(1)
	d.Certificates = slices.Clone(d.Certificates)
	d.Certificates[0].Set.Root, d.Certificates[0].Set.Size = criteria.IDOf(junk), uint64(len(junk))
	l.set(d)
	l.edit(func() { l.remote[me][criteria.IDOf(junk)] = junk })
	require.True(t, l.sells(l.start(), 2, rows(shortRow, 0, 100), "/id").Accepted)
}

// TestTheOtherOfTwoAtOnce: what was certified while a verdict waited is compared before it is
// sent, also after a restart.
func TestTheOtherOfTwoAtOnce(t *testing.T) {
	poolKey := seal.NewBuyerKey()
	w := newWorld(t)
	w.refusing(poolKey)
	s := w.start()
	w.sells(s, 1, rows(shortRow, 0, 100), "/id")
	l := later(t, w, s, poolKey)
	first := l.deal(1)
	l.edit(func() { delete(l.deals, 1) })
	away := errors.New("no endpoint answers")
	l.edit(func() {
		l.fail = func(point string) error {
			if point == "+certify" {
				return away
			}
			return nil
		}
	})
	ls := l.start()
	req := l.offerTo(2, rows(shortRow, 20, 100), "/id")
	_, err := ls.Validate(context.Background(), req, quiet)
	require.Error(t, err)
	require.NoError(t, ls.Stop(context.Background()))
	l.edit(func() { l.deals[1], l.fail = first, nil })
	v, err := l.start().Validate(context.Background(), req, quiet)
	require.NoError(t, err)
	require.Equal(t, pdx.RejectDuplicate, v.Reason)
	require.Equal(t, []pdx.Finding{{Rule: "overlap/80"}}, v.Findings)
}

// TestADealThatIsNotBoughtAnyMore is no ground for a rejection, whatever an endpoint shows.
func TestADealThatIsNotBoughtAnyMore(t *testing.T) {
	poolKey := seal.NewBuyerKey()
	w := newWorld(t)
	w.refusing(poolKey)
	s := w.start()
	w.sells(s, 1, rows(shortRow, 0, 100), "/id")
	l := later(t, w, s, poolKey)
	shown := l.deal(1)
	d := shown
	d.State = pdx.DealUnacked
	l.set(d)
	ls := l.start(func(c *validator.Config) { c.Ledger = shows{l, shown} })
	require.True(t, l.sells(ls, 2, rows(shortRow, 0, 100), "/id").Accepted)
}

// shows is a ledger whose list has a deal as it was.
type shows struct {
	*world
	deal pdx.Deal
}

func (l shows) Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	if f.Pool != 0 {
		return []pdx.Deal{l.deal}, "", nil
	}
	return l.world.Deals(ctx, f)
}

// TestNoEndpointHidesADeal: one of several that shows it is enough.
func TestNoEndpointHidesADeal(t *testing.T) {
	poolKey := seal.NewBuyerKey()
	w := newWorld(t)
	w.refusing(poolKey)
	s := w.start()
	w.sells(s, 1, rows(shortRow, 0, 100), "/id")
	l := later(t, w, s, poolKey)
	ls := l.start(func(c *validator.Config) {
		c.Ledger, c.Witnesses = shows{l, pdx.Deal{ID: 9, Pool: 1, State: pdx.DealLapsed}}, []validator.Witness{l}
	})
	require.Equal(t, pdx.RejectDuplicate, l.sells(ls, 2, rows(shortRow, 0, 100), "/id").Reason)
}

// TestAForeignTagKey: a key that somebody else sealed, or none, gives no verdict and no tag.
func TestAForeignTagKey(t *testing.T) {
	w := newWorld(t)
	w.refusing(seal.NewBuyerKey())
	for name, change := range map[string]func(){
		"of another pool": func() {
			o := newWorld(t)
			o.refusing(seal.NewBuyerKey())
			w.tagKeys[1] = o.tagKeys[1]
		},
		"none":      func() { w.tagKeys[1] = nil },
		"truncated": func() { w.tagKeys[1] = [][]byte{{1}, {2}} },
	} {
		t.Run(name, func(t *testing.T) {
			w.edit(change)
			_, err := w.start().Validate(context.Background(), w.offerTo(1, rows(shortRow, 0, 3), "/id"), quiet)
			require.True(t, validator.Retry(err), "%v", err)
			require.Empty(t, w.deal(1).Certificates)
		})
	}
}

// TestSetsGoWithTheirPool: they are served while the pool is open, after a restart too, and
// not from any index that grows.
func TestSetsGoWithTheirPool(t *testing.T) { synctest.Test(t, setsGoWithTheirPool) }

func setsGoWithTheirPool(t *testing.T) {
	w := newWorld(t)
	w.refusing(seal.NewBuyerKey())
	s := w.start()
	w.sells(s, 1, rows(shortRow, 0, 100), "/id")
	root := w.deal(1).Certificates[0].Set.Root
	require.NoError(t, s.Stop(context.Background()))
	s = w.start()
	require.True(t, s.ReadsSets(other))
	require.False(t, s.ReadsSets(seller))
	may, err := s.MayPull(context.Background(), other, root)
	require.NoError(t, err)
	require.True(t, may)
	w.edit(func() {
		p := w.pools[1]
		p.Status = pdx.PoolClosed
		w.pools[1] = p
	})
	s.Wake(pdx.Event{Kind: "EventPoolStatus", Pool: 1})
	rest(time.Second)
	require.False(t, w.has(root))
	require.False(t, s.ReadsSets(other))
	may, err = s.MayPull(context.Background(), other, root)
	require.NoError(t, err)
	require.False(t, may)
}

// TestSetsAreBounded: a pool cannot fill a disk.
func TestSetsAreBounded(t *testing.T) {
	w := newWorld(t)
	w.refusing(seal.NewBuyerKey())
	s := w.start(func(c *validator.Config) { c.Sets = recordsets.New(&w.sets, 1000) })
	_, err := s.Validate(context.Background(), w.offerTo(1, rows(shortRow, 0, 100), "/id"), quiet)
	require.ErrorIs(t, err, validator.ErrNoRoom)
	require.True(t, w.sells(s, 2, rows(shortRow, 0, 50), "/id").Accepted)
}

// TestThePoolThatTakesDuplicates has no tags.
func TestThePoolThatTakesDuplicates(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	for id := range pdx.DealID(2) {
		v, err := s.Validate(context.Background(), w.offer(id+1, patients(3)), quiet)
		require.NoError(t, err)
		require.True(t, v.Accepted)
		require.True(t, w.deal(id + 1).Certificates[0].Set.IsZero())
	}
}
