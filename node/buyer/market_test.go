package buyer_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store/storetest"
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

// patientTexts are what patients returned, by the number.
var patientTexts sync.Map

func patients(n int) string {
	if text, ok := patientTexts.Load(n); ok {
		return text.(string)
	}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"p%06d"}`+"\n", i)
	}
	patientTexts.Store(n, b.String())
	return b.String()
}

var errCrash = errors.New("crashed")

// world is everything outside the buyer, and what survives its crashes.
//
// In a bubble of synctest, the helpers that give the buyer work (order, certify,
// set, delivered, settle, rest) return when the buyer has come to rest. A test
// therefore reads and changes the fields below without mu, as fake time does not
// go on meanwhile, except between setFail and the next of these helpers.
type world struct {
	t   testing.TB
	out string

	mu         sync.Mutex
	head       pdx.Head
	chainAhead time.Duration // of this machine's clock
	pools      []pdx.Pool
	deals      map[pdx.DealID]pdx.Deal
	keys       map[pdx.DealID]*seal.Key // the sellers'
	acks       map[pdx.DealID]int       // acknowledgements the chain took
	ackTxs     int                      // transactions sent
	challenges int                      // that the chain took
	complaints []pdx.Complaint          // that the chain was shown
	reveals    []pdx.Reveal             // that the chain was shown
	drawn      map[pdx.DealID][32]byte  // with which preimage
	drawTxs    int                      // that the chain took, without a preimage
	drawMost   int                      // how many deals one of them draws; 0: all
	stored     map[pdx.ContentID][]byte // blobs of this machine
	partial    map[pdx.ContentID]int    // bytes held of those that are not complete
	remote     map[pdx.Address]map[pdx.ContentID][]byte
	asked      []pdx.Address // sources, in the order in which they were asked
	many       []int         // of how many blobs each batch was
	offline    bool          // no source can be reached
	unbatched  bool          // sources do not know batches

	signer *identitytest.Account // set where the buyer has a key

	creations storetest.Table[buyer.Creation]
	orders    storetest.Table[model.PullOrder]
	pulls     storetest.Table[model.Pull]
	secrets   storetest.Table[[]byte]
	marks     storetest.Table[string]

	fail     func(point string) error        // asked before ("+") and after ("-") every call
	lies     map[pdx.DealID]func(*pdx.Deal)  // how an endpoint shows a deal
	refuse   map[pdx.DealID]bool             // deals that the chain does not let be acknowledged
	stalls   map[pdx.Address]bool            // sources that send nothing
	drips    map[pdx.DealID]bool             // deals whose sources send a byte now and then
	handed   map[pdx.DealID][]pdx.AckVoucher // vouchers that sellers took
	redeems  bool                            // they deliver on them
	rejects  error                           // what they answer instead
	prompt   bool                            // sellers deliver with the ack
	interest func(pdx.Event)                 // who hears of events
}

func newWorld(t testing.TB) *world {
	w := &world{
		t: t, out: t.TempDir(),
		head:  pdx.Head{ChainID: chainID, Height: 100, Time: time.Now()},
		deals: map[pdx.DealID]pdx.Deal{}, keys: map[pdx.DealID]*seal.Key{}, acks: map[pdx.DealID]int{},
		drawn:  map[pdx.DealID][32]byte{},
		handed: map[pdx.DealID][]pdx.AckVoucher{}, stored: map[pdx.ContentID][]byte{},
		partial: map[pdx.ContentID]int{}, refuse: map[pdx.DealID]bool{}, lies: map[pdx.DealID]func(*pdx.Deal){},
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

// buyer is whose pools they are.
func (w *world) buyer() pdx.Address {
	if w.signer != nil {
		return w.signer.Account()
	}
	return me
}

// The chain.

func (w *world) service(change ...func(*buyer.Config)) *buyer.Service {
	w.t.Helper()
	c := buyer.Config{
		ChainID: chainID, Account: me, Ledger: w, Prover: prover{w}, Pools: w, Finder: w, Fetcher: w, Blobs: w,
		Creations: &w.creations, Orders: &w.orders, Pulls: &w.pulls, Secrets: &w.secrets, Marks: &w.marks,
		Folder: filepath.Join(w.out, "by itself"),
	}
	if w.signer != nil {
		c.Account = w.signer.Account()
		c.SignedAcks = struct {
			*identitytest.Account
			hander
		}{w.signer, w}
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

// hander is the way to sellers.
type hander interface {
	Hand(ctx context.Context, d pdx.Deal, v pdx.AckVoucher) error
}

func (w *world) start(change ...func(*buyer.Config)) *buyer.Service {
	w.t.Helper()
	s := w.service(change...)
	require.NoError(w.t, s.Start(context.Background()))
	return s
}

func request() model.PoolRequest {
	return model.PoolRequest{
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
	_, err := s.Pull(context.Background(), model.PullOrder{Pool: pool, Out: w.out})
	require.NoError(w.t, err)
	synctest.Wait()
}

// finished reports whether nothing is left to do for the first pool.
func (w *world) finished() bool {
	all, err := w.creations.All(context.Background())
	return err == nil && len(all) > 0 && (all[0].Over || all[0].Destroyed)
}

// settle waits, in fake time, until the buyer rests and cond holds.
func (w *world) settle(cond func() bool) {
	w.t.Helper()
	synctest.Wait()
	for range 7200 {
		if cond() {
			return
		}
		rest(time.Second)
	}
	require.Fail(w.t, "did not settle")
}

// rest lets fake time pass, and the buyer finish what falls due by then.
func rest(d time.Duration) {
	time.Sleep(d) // a bubble's
	synctest.Wait()
}

// pulls are all deals, as the service lists them.
func pulls(s *buyer.Service) []model.Pull {
	list, next, err := s.ListPulls(storetest.Quiet(context.Background()), 0, model.Page{Limit: 100_000})
	if err != nil || next != "" {
		panic(err)
	}
	return list
}

func state(s *buyer.Service, id pdx.DealID) model.PullState { return find(s, id).State }

// find is the zero Pull for an unknown deal.
func find(s *buyer.Service, id pdx.DealID) model.Pull {
	for _, p := range pulls(s) {
		if p.Deal == id {
			return p
		}
	}
	return model.Pull{}
}

func pull(t testing.TB, s *buyer.Service, id pdx.DealID) model.Pull {
	p := find(s, id)
	require.Equal(t, id, p.Deal, "no such deal")
	return p
}
