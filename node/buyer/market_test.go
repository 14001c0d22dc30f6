package buyer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/attest"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/criteria"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/transfer/proof"
	"github.com/medibloc/pdx/transfer/seal"
)

const (
	chainID = "panacea-test-1"
	me      = pdx.Address("panacea1buyer")
	seller  = pdx.Address("panacea1seller")
	helper  = pdx.Address("panacea1validator") // promised availability
	loafer  = pdx.Address("panacea1loafer")    // accepted and promised nothing
)

var wantPatients = []byte(`{
  "version": 1, "title": "Patients", "media_type": "application/x-ndjson",
  "schema": {"type": "object"},
  "fields": [{"pointer": "/id", "required": true, "purpose": "to count"}]
}`)

func patients(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"p%06d"}`+"\n", i)
	}
	return b.String()
}

var errCrash = errors.New("crashed")

// world is everything outside the buyer, and what survives its crashes.
type world struct {
	t   testing.TB
	out string

	mu      sync.Mutex
	head    pdx.Head
	pools   []pdx.Pool
	deals   map[pdx.DealID]pdx.Deal
	keys    map[pdx.DealID]*seal.Key // the sellers'
	acks    map[pdx.DealID]int       // acknowledgements the chain took
	ackTxs  int                      // transactions sent
	stored  map[pdx.ContentID][]byte // blobs of this machine
	partial map[pdx.ContentID]int    // bytes held of those that are not complete
	remote  map[pdx.Address]map[pdx.ContentID][]byte
	asked   []pdx.Address // sources, in the order in which they were asked

	creations storetest.Table[buyer.Creation]
	orders    storetest.Table[buyer.Order]
	pulls     storetest.Table[buyer.Pull]
	secrets   storetest.Table[[]byte]

	fail     func(point string) error // asked before ("+") and after ("-") every call
	refuse   map[pdx.DealID]bool      // deals that the chain does not let be acknowledged
	stalls   map[pdx.Address]bool     // sources that send nothing
	drips    map[pdx.DealID]bool      // deals whose sources send a byte now and then
	prompt   bool                     // sellers deliver with the ack
	interest func(pdx.Event)          // who hears of events
}

func newWorld(t testing.TB) *world {
	w := &world{
		t: t, out: t.TempDir(),
		head:  pdx.Head{ChainID: chainID, Height: 100, Time: time.Now()},
		deals: map[pdx.DealID]pdx.Deal{}, keys: map[pdx.DealID]*seal.Key{}, acks: map[pdx.DealID]int{},
		stored: map[pdx.ContentID][]byte{}, partial: map[pdx.ContentID]int{}, refuse: map[pdx.DealID]bool{},
		remote: map[pdx.Address]map[pdx.ContentID][]byte{seller: {}, helper: {}, loafer: {}},
	}
	w.creations.Hook = func(op string) error { return w.point("+creations " + op) }
	w.orders.Hook = func(op string) error { return w.point("+orders " + op) }
	w.pulls.Hook = func(op string) error { return w.point("+pulls " + op) }
	w.secrets.Hook = func(op string) error { return w.point("+secrets " + op) }
	return w
}

func (w *world) point(name string) error {
	w.mu.Lock()
	fail := w.fail
	w.mu.Unlock()
	if fail == nil {
		return nil
	}
	return fail(name)
}

func (w *world) around(name string, call func() error) error {
	if err := w.point("+" + name); err != nil {
		return err
	}
	w.mu.Lock()
	err := call()
	w.mu.Unlock()
	if err != nil {
		return err
	}
	return w.point("-" + name)
}

func (w *world) setFail(fail func(string) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail = fail
}

// The chain.

func (w *world) Head(context.Context) (h pdx.Head, err error) {
	err = w.around("head", func() error { h = w.head; return nil })
	return h, err
}

func (w *world) Deal(_ context.Context, id pdx.DealID) (d pdx.Deal, err error) {
	err = w.around("deal", func() error {
		var ok bool
		if d, ok = w.deals[id]; !ok {
			return pdx.ErrNotFound
		}
		return nil
	})
	return d, err
}

func (w *world) Deals(_ context.Context, f pdx.DealFilter) (found []pdx.Deal, next string, err error) {
	err = w.around("deals", func() error {
		from, _ := pdx.ParseDealID(f.Cursor)
		for _, id := range slices.Sorted(maps.Keys(w.deals)) {
			if id <= from || w.deals[id].Pool != f.Pool {
				continue
			}
			if len(found) == 2 { // small pages, so that paging is walked
				next = found[1].ID.String()
				return nil
			}
			found = append(found, w.deals[id])
		}
		return nil
	})
	return found, next, err
}

func (w *world) Ack(_ context.Context, ids []pdx.DealID) error {
	return w.around("ack", func() error {
		w.ackTxs++
		if len(ids) == 0 || len(ids) > buyer.MaxAcks {
			return pdx.ErrInvalid
		}
		for _, id := range ids {
			if d := w.deals[id]; d.State != pdx.DealCertified || d.Buyer != me {
				return fmt.Errorf("%w: deal %v is %s", pdx.ErrWrongState, id, d.State)
			} else if w.refuse[id] {
				return fmt.Errorf("%w: deal %v", pdx.ErrRefused, id)
			}
		}
		for _, id := range ids {
			w.acks[id]++
			w.enter(id, pdx.DealAcked)
			if w.prompt {
				w.deliver(id)
			}
		}
		return nil
	})
}

func (w *world) Pool(_ context.Context, id pdx.PoolID) (p pdx.Pool, err error) {
	err = w.around("pool", func() error {
		if id == 0 || int(id) > len(w.pools) {
			return pdx.ErrNotFound
		}
		p = w.pools[id-1]
		return nil
	})
	return p, err
}

func (w *world) Pools(_ context.Context, f pdx.PoolFilter) (found []pdx.Pool, next string, err error) {
	err = w.around("pools", func() error {
		from, _ := pdx.ParsePoolID(f.Cursor)
		for _, p := range w.pools {
			if p.ID <= from || p.Buyer != f.Buyer {
				continue
			}
			found, next = append(found, p), p.ID.String()
			return nil // pages of one
		}
		return nil
	})
	return found, next, err
}

func (w *world) CreatePool(_ context.Context, n pdx.NewPool) (id pdx.PoolID, err error) {
	err = w.around("create", func() error {
		ctx := attest.PoolKey{ChainID: chainID, Buyer: me}.Hash()
		if err := proof.VerifyPop(ctx, n.Key, n.KeyProof); err != nil {
			return err
		}
		escrow, err := n.Price.Times(n.TargetCount)
		if err != nil || !n.Expiry.After(w.head.Time) {
			return pdx.ErrInvalid
		}
		id = pdx.PoolID(len(w.pools) + 1)
		w.pools = append(w.pools, pdx.Pool{
			ID: id, Buyer: me, Key: n.Key, Title: n.Title, MediaType: n.MediaType, Price: n.Price, TargetCount: n.TargetCount,
			Escrow: escrow, Criteria: n.Criteria, Certificates: n.Certificates, Validators: n.Validators, Expiry: n.Expiry, Status: pdx.PoolOpen,
		})
		return nil
	})
	return id, err
}

func (w *world) ClosePool(_ context.Context, id pdx.PoolID) (refund pdx.Amount, err error) {
	err = w.around("close", func() error {
		if p := w.pools[id-1]; p.Status != pdx.PoolOpen {
			return pdx.ErrWrongState
		}
		refund, w.pools[id-1].Escrow = w.pools[id-1].Escrow, 0
		w.pools[id-1].Status = pdx.PoolClosed
		w.tell(pdx.Event{Pool: id, State: string(pdx.PoolClosed)})
		return nil
	})
	return refund, err
}

// enter is called with mu held.
func (w *world) enter(id pdx.DealID, state pdx.DealState) {
	d := w.deals[id]
	w.head.Height++
	w.head.Time = time.Now()
	d.State = state
	if state == pdx.DealAcked {
		d.AckHeight = w.head.Height
	}
	d.History = append(slices.Clone(d.History), pdx.Step{State: state, Height: w.head.Height, Time: w.head.Time})
	d.DeadlineHeight, d.DeadlineTime = w.head.Height+1000, w.head.Time.Add(12*time.Hour)
	w.deals[id] = d
	w.tell(pdx.Event{Deal: id, Pool: d.Pool, State: string(state)})
}

func (w *world) tell(e pdx.Event) {
	if w.interest != nil {
		w.interest(e)
	}
}

func (w *world) set(id pdx.DealID, state pdx.DealState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.enter(id, state)
}

// acked is how many deals were acknowledged, each once.
func (w *world) acked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, n := range w.acks {
		require.Equal(w.t, 1, n, id)
	}
	return len(w.acks)
}

func (w *world) change(id pdx.DealID, f func(*pdx.Deal)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.deals[id]
	f(&d)
	w.deals[id] = d
}

// deliver hands the key over, as the chain lets it: with a proof that holds.
func (w *world) deliver(id pdx.DealID) {
	d := w.deals[id]
	ctx := attest.Deliver{
		ChainID: chainID, Pool: d.Pool, Deal: id, Seller: d.Seller, Buyer: d.Buyer, Denom: pdx.Denom,
		Price: uint64(d.Price), Cert: attest.CertHash(d.Dataset, d.Criteria, d.Accepted()), AckHeight: d.AckHeight,
	}.Hash()
	d1, d2, prf, err := w.keys[id].Deliver(ctx, d.BuyerKey)
	require.NoError(w.t, err)
	require.NoError(w.t, proof.VerifyDeliver(ctx, d.Dataset.Key, d.Dataset.Nonce, d.BuyerKey, d1, d2, prf))
	d.Delivery = &pdx.Delivery{Deal: id, D1: d1, D2: d2, Proof: prf}
	w.deals[id] = d
	w.enter(id, pdx.DealDelivered)
}

func (w *world) delivered(id pdx.DealID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deliver(id)
}

// certify puts a certified deal on chain; spoil may make the dataset a lie.
func (w *world) certify(id pdx.DealID, pool pdx.PoolID, records string, spoil ...func(*pdx.Dataset, []byte)) {
	w.t.Helper()
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(w.t, err)
	var sealed bytes.Buffer
	facts, err := key.Seal(&sealed, strings.NewReader(records), pdx.AES256GCM)
	require.NoError(w.t, err)
	ds := pdx.Dataset{
		Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}
	for _, f := range spoil {
		f(&ds, sealed.Bytes())
	}
	ds.Root = blake3.Sum256(sealed.Bytes())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remote[seller][ds.Root] = sealed.Bytes()
	w.keys[id] = key
	w.deals[id] = pdx.Deal{
		ID: id, Pool: pool, Seller: seller, Buyer: me, Dataset: ds, BuyerKey: w.pools[pool-1].Key, Price: 5,
		Criteria: w.pools[pool-1].Criteria, Required: 1, Fields: []string{"/id"},
		Certificates: []pdx.Certificate{
			{Validator: loafer, Accepted: true, ExpiryHeight: 1 << 40},
			{Validator: helper, Accepted: true, Available: true, ExpiryHeight: 1 << 40},
		},
	}
	w.enter(id, pdx.DealCertified)
}

// The network.

func (w *world) Sources(_ context.Context, d pdx.Deal) (found []buyer.Source, err error) {
	err = w.around("sources", func() error {
		found = []buyer.Source{{Account: "panacea1stranger"}, {Account: loafer}, {Account: helper}, {Account: d.Seller}}
		return nil
	})
	return found, err
}

func (w *world) Fetch(ctx context.Context, from buyer.Source, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	return w.around("fetch", func() error {
		w.asked = append(w.asked, from.Account)
		if w.stalls[from.Account] {
			w.mu.Unlock()
			<-ctx.Done()
			w.mu.Lock()
			return ctx.Err()
		}
		for d := range w.drips {
			for n := uint64(1); w.deals[d].Dataset.Root == id; n++ {
				w.mu.Unlock()
				progress(n, size)
				time.Sleep(30 * time.Second) // a bubble's
				w.mu.Lock()
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
		}
		raw, ok := w.remote[from.Account][id]
		if !ok {
			return fmt.Errorf("%w: not served", pdx.ErrNotFound)
		}
		for n := w.partial[id]; n < len(raw); n += 1 << 16 {
			w.partial[id] = n
			w.mu.Unlock()
			progress(uint64(n), size)
			err := w.point("+segment")
			w.mu.Lock()
			if err != nil {
				return err
			}
		}
		w.stored[id] = slices.Clone(raw)
		return nil
	})
}

// The machine.

func (w *world) Put(_ context.Context, raw []byte) (id pdx.ContentID, err error) {
	id = blake3.Sum256(raw)
	return id, w.around("put", func() error { w.stored[id] = slices.Clone(raw); return nil })
}

func (w *world) Open(_ context.Context, id pdx.ContentID) (r io.ReadCloser, err error) {
	err = w.around("open", func() error {
		raw, ok := w.stored[id]
		if !ok {
			return pdx.ErrNotFound
		}
		r = io.NopCloser(bytes.NewReader(raw))
		return nil
	})
	return r, err
}

func (w *world) Held(_ context.Context, id pdx.ContentID) (n uint64, complete bool, err error) {
	err = w.around("held", func() error {
		raw, ok := w.stored[id]
		n, complete = uint64(w.partial[id]), ok
		if ok {
			n = uint64(len(raw))
		}
		return nil
	})
	return n, complete, err
}

func (w *world) Delete(_ context.Context, id pdx.ContentID) error {
	return w.around("delete", func() error { delete(w.stored, id); delete(w.partial, id); return nil })
}

// The buyer in it.

func (w *world) service(change ...func(*buyer.Config)) *buyer.Service {
	w.t.Helper()
	c := buyer.Config{
		ChainID: chainID, Account: me, Ledger: w, Pools: w, Finder: w, Fetcher: w, Blobs: w,
		Creations: &w.creations, Orders: &w.orders, Pulls: &w.pulls, Secrets: &w.secrets,
	}
	for _, f := range change {
		f(&c)
	}
	s, err := buyer.New(c)
	require.NoError(w.t, err)
	w.mu.Lock()
	w.interest = s.Wake
	w.mu.Unlock()
	return s
}

func (w *world) start(change ...func(*buyer.Config)) *buyer.Service {
	w.t.Helper()
	s := w.service(change...)
	require.NoError(w.t, s.Start(context.Background()))
	return s
}

func request() buyer.PoolRequest {
	return buyer.PoolRequest{
		RequestID: "wish-1", Criteria: wantPatients, Price: 5, TargetCount: 100,
		Certificates: 1, Validators: []pdx.Address{helper, loafer},
	}
}

// pool opens the pool of request.
func (w *world) pool(s *buyer.Service) pdx.PoolID {
	w.t.Helper()
	p, err := s.CreatePool(context.Background(), request())
	require.NoError(w.t, err)
	require.Equal(w.t, criteria.IDOf(wantPatients), p.Criteria)
	return p.ID
}

func (w *world) order(s *buyer.Service, pool pdx.PoolID) {
	w.t.Helper()
	require.NoError(w.t, s.Pull(context.Background(), buyer.Order{Pool: pool, Out: w.out}))
}

// settle waits, in fake time, until cond holds.
func (w *world) settle(cond func() bool) {
	w.t.Helper()
	for range 7200 {
		if cond() {
			return
		}
		time.Sleep(time.Second) // a bubble's
	}
	require.Fail(w.t, "did not settle")
}

func state(s *buyer.Service, id pdx.DealID) buyer.State { return find(s, id).State }

// find is the zero Pull for an unknown deal.
func find(s *buyer.Service, id pdx.DealID) buyer.Pull {
	for _, p := range s.Pulls(0) {
		if p.Deal == id {
			return p
		}
	}
	return buyer.Pull{}
}

func pull(t testing.TB, s *buyer.Service, id pdx.DealID) buyer.Pull {
	p := find(s, id)
	require.Equal(t, id, p.Deal, "no such deal")
	return p
}
