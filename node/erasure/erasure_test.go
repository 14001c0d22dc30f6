package erasure_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/erasure"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	chainID  = "panacea-test-1"
	patience = time.Minute
)

type signer struct{ key *secp256k1.PrivateKey }

func (s signer) PublicKey() []byte { return s.key.PubKey().SerializeCompressed() }

func (s signer) Sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return ecdsa.SignCompact(s.key, digest[:], true)[1:], nil
}

func (s signer) account(t testing.TB) pdx.Address {
	t.Helper()
	a, err := attest.AccountOf(s.PublicKey())
	require.NoError(t, err)
	return a
}

func signerOf(n byte) signer { return signer{secp256k1.PrivKeyFromBytes([]byte{n})} }

type ledger map[pdx.DealID]pdx.Deal

func (l ledger) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	d, ok := l[id]
	if !ok {
		return d, fmt.Errorf("deal %v: %w", id, pdx.ErrNotFound)
	}
	return d, nil
}

// records counts what was erased.
type records struct {
	mu     sync.Mutex
	erased []pdx.DealID
	err    error
}

func (r *records) Erase(_ context.Context, id pdx.DealID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.erased = append(r.erased, id)
	}
	return r.err
}

// courier hands requests to a buyer, while it is online.
type courier struct {
	mu    sync.Mutex
	buyer *erasure.Service
	from  pdx.Address
	sent  int
	spoil func(*model.ErasureAnswer)
}

func (l *courier) Send(ctx context.Context, _ model.Erasure, r erasure.Request) (*model.ErasureAnswer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sent++; l.buyer == nil {
		return nil, fmt.Errorf("buyer: %w: offline", pdx.ErrUnavailable)
	}
	answer, err := l.buyer.Take(ctx, l.from, r)
	if answer != nil && l.spoil != nil {
		spoiled := *answer
		l.spoil(&spoiled)
		answer = &spoiled
	}
	return answer, err
}

func (l *courier) connect(buyer *erasure.Service) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buyer = buyer
}

func (l *courier) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

// clock is a time that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a seller and a buyer with a final deal, 1, and one that was not delivered, 2.
type world struct {
	seller, buyer erasure.Config
	courier       *courier
	records       *records
	clock         *clock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	seller, buyer := signerOf(1), signerOf(2)
	deal := pdx.Deal{ID: 1, Pool: 3, Seller: seller.account(t), Buyer: buyer.account(t), Dataset: pdx.Dataset{Root: pdx.ContentID{4}}}
	deal.State = pdx.DealFinal
	acked := deal
	acked.ID, acked.State = 2, pdx.DealAcked
	chain := ledger{1: deal, 2: acked}
	w := &world{
		courier: &courier{from: seller.account(t)}, records: &records{}, clock: &clock{now: time.Unix(1_800_000_000, 0)},
	}
	config := func(s signer, name string) erasure.Config {
		return erasure.Config{
			ChainID: chainID, Account: s.account(t), Table: table(t, filepath.Join(t.TempDir(), name)), Ledger: chain, Signer: s, Sender: w.courier,
			Records: w.records, Now: w.clock.Now,
		}
	}
	w.seller, w.buyer = config(seller, "seller.db"), config(buyer, "buyer.db")
	return w
}

func table(t *testing.T, path string) *store.Table[model.Erasure] {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, store.Schema{"erasures": {"Open", "Deal"}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return store.NewTable[model.Erasure](db, "erasures")
}

// service returns a service as after a start, with what is on disk.
func service(t *testing.T, c erasure.Config) *erasure.Service {
	t.Helper()
	s, err := erasure.New(c)
	require.NoError(t, err)
	return s
}

// run runs a service until stop is called.
func run(t *testing.T, s *erasure.Service) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func only(t *testing.T, s *erasure.Service) model.Erasure {
	t.Helper()
	list, next, err := s.List(t.Context(), model.Page{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, next)
	require.Len(t, list, 1)
	return list[0]
}

func (w *world) awaits(t *testing.T, s *erasure.Service, state model.ErasureState) {
	t.Helper()
	require.Eventually(t, func() bool { return only(t, s).State(w.clock.Now()) == state }, patience, time.Millisecond)
}

// TestRequestReachesABuyerThatWasOffline, after the seller restarted, and the answer comes back.
func TestRequestReachesABuyerThatWasOffline(t *testing.T) {
	w := newWorld(t)
	seller := service(t, w.seller)
	stop := run(t, seller)
	e, err := seller.Request(t.Context(), 1, "I withdraw my consent")
	require.NoError(t, err)
	require.Equal(t, model.ErasureAsking, e.State(w.clock.Now()))
	require.Eventually(t, func() bool { return only(t, seller).Trouble != "" }, patience, time.Millisecond)
	stop()

	buyer := service(t, w.buyer)
	w.courier.connect(buyer)
	seller = service(t, w.seller) // restarted
	run(t, seller)
	w.awaits(t, seller, model.ErasureAsked)
	require.Empty(t, only(t, seller).Trouble)

	buyer = service(t, w.buyer) // restarted: the request is on its disk
	w.courier.connect(buyer)
	asked := only(t, buyer)
	require.Equal(t, "I withdraw my consent", asked.Reason)
	require.Equal(t, model.ErasureAsked, asked.State(w.clock.Now()))
	answered, err := buyer.Answer(t.Context(), 1, true, "done")
	require.NoError(t, err)
	require.Equal(t, []pdx.DealID{1}, w.records.erased)
	again, err := buyer.Answer(t.Context(), 1, true, "done")
	require.NoError(t, err)
	require.Equal(t, answered, again)
	require.Len(t, w.records.erased, 1, "answered twice, erased once")
	_, err = buyer.Answer(t.Context(), 1, false, "")
	require.ErrorIs(t, err, pdx.ErrWrongState)

	e, err = seller.Request(t.Context(), 1, "another reason changes nothing")
	require.NoError(t, err)
	require.Equal(t, "I withdraw my consent", e.Reason)
	w.awaits(t, seller, model.ErasureErased)
	require.Equal(t, "done", only(t, seller).Answer.Note)
	require.False(t, only(t, seller).Open)
}

func TestARequestLapses(t *testing.T) {
	w := newWorld(t)
	buyer := service(t, w.buyer)
	w.courier.connect(buyer)
	seller := service(t, w.seller)
	stop := run(t, seller)
	_, err := seller.Request(t.Context(), 1, "")
	require.NoError(t, err)
	w.awaits(t, seller, model.ErasureAsked)
	stop()

	w.clock.advance(model.ErasureTime)
	for _, s := range []*erasure.Service{seller, buyer} {
		require.Equal(t, model.ErasureLapsed, only(t, s).State(w.clock.Now()))
		sent := w.courier.count()
		run(t, s)
		require.Eventually(t, func() bool { return !only(t, s).Open }, patience, time.Millisecond)
		require.Equal(t, sent, w.courier.count(), "nothing is sent any more")
	}
	_, err = buyer.Answer(t.Context(), 1, true, "")
	require.ErrorIs(t, err, pdx.ErrWrongState)
	require.Empty(t, w.records.erased)
}

func TestRecordsThatCannotBeErased(t *testing.T) {
	w := newWorld(t)
	buyer := service(t, w.buyer)
	w.courier.connect(buyer)
	_, err := buyer.Answer(t.Context(), 1, true, "")
	require.ErrorIs(t, err, pdx.ErrNotFound, "nobody asked")
	seller := service(t, w.seller)
	run(t, seller)
	_, err = seller.Request(t.Context(), 1, "")
	require.NoError(t, err)
	w.awaits(t, seller, model.ErasureAsked)

	w.records.err = errors.New("disk")
	_, err = buyer.Answer(t.Context(), 1, true, "")
	require.ErrorContains(t, err, "disk")
	require.Equal(t, model.ErasureAsked, only(t, buyer).State(w.clock.Now()), "no answer says what is not so")
	_, err = buyer.Answer(t.Context(), 1, false, strings.Repeat("n", erasure.MaxText+1))
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = buyer.Answer(t.Context(), 1, false, "needed for an audit")
	require.NoError(t, err)
	_, err = seller.Request(t.Context(), 1, "")
	require.NoError(t, err)
	w.awaits(t, seller, model.ErasureRefused)
}

// TestAForgedAnswerIsNoAnswer: who is reached in the buyer's stead cannot answer for it.
func TestAForgedAnswerIsNoAnswer(t *testing.T) {
	for name, spoil := range map[string]func(*model.ErasureAnswer){
		"another verdict":   func(a *model.ErasureAnswer) { a.Erased = !a.Erased },
		"another note":      func(a *model.ErasureAnswer) { a.Note += "." },
		"another time":      func(a *model.ErasureAnswer) { a.At = a.At.Add(time.Second) },
		"another signature": func(a *model.ErasureAnswer) { a.Signature = make([]byte, attest.SignatureLen) },
		"another key":       func(a *model.ErasureAnswer) { a.PublicKey = signerOf(1).PublicKey() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			buyer, seller := service(t, w.buyer), service(t, w.seller)
			w.courier.connect(buyer)
			run(t, seller)
			_, err := seller.Request(t.Context(), 1, "")
			require.NoError(t, err)
			w.awaits(t, seller, model.ErasureAsked)
			w.courier.mu.Lock()
			w.courier.spoil = spoil // from before the answer, which the seller may fetch by itself
			w.courier.mu.Unlock()
			_, err = buyer.Answer(t.Context(), 1, false, "no")
			require.NoError(t, err)
			_, err = seller.Request(t.Context(), 1, "")
			require.NoError(t, err)
			require.Eventually(t, func() bool { return strings.Contains(only(t, seller).Trouble, "protocol") }, patience, time.Millisecond)
			require.True(t, only(t, seller).Open)
		})
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	seller, buyer := service(t, w.seller), service(t, w.buyer)
	_, err := seller.Request(t.Context(), 2, "")
	require.ErrorIs(t, err, pdx.ErrWrongState, "it has no key")
	_, err = seller.Request(t.Context(), 9, "")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	_, err = buyer.Request(t.Context(), 1, "")
	require.ErrorIs(t, err, pdx.ErrInvalid, "it is the buyer")
	_, err = seller.Request(t.Context(), 1, strings.Repeat("r", erasure.MaxText+1))
	require.ErrorIs(t, err, pdx.ErrInvalid)

	from := w.courier.from
	good := request(t, w, 1)
	for name, c := range map[string]struct {
		from  pdx.Address
		spoil func(*erasure.Request)
		want  error
	}{
		"of a stranger":     {w.buyer.Account, func(*erasure.Request) {}, pdx.ErrRefused},
		"not delivered":     {from, func(r *erasure.Request) { r.Deal = 2 }, pdx.ErrWrongState},
		"of no deal":        {from, func(r *erasure.Request) { r.Deal = 9 }, pdx.ErrNotFound},
		"another reason":    {from, func(r *erasure.Request) { r.Reason = "x" }, attest.ErrSignature},
		"from the future":   {from, func(r *erasure.Request) { r.Asked = r.Asked.Add(2 * time.Hour) }, pdx.ErrRefused},
		"from long ago":     {from, func(r *erasure.Request) { r.Asked = r.Asked.Add(-model.ErasureTime) }, pdx.ErrRefused},
		"another signature": {from, func(r *erasure.Request) { r.Signature = make([]byte, attest.SignatureLen) }, attest.ErrSignature},
	} {
		r := good
		c.spoil(&r)
		_, err := buyer.Take(t.Context(), c.from, r)
		require.ErrorIs(t, err, c.want, name)
	}
	list, _, err := buyer.List(t.Context(), model.Page{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, list, "nothing of it is kept")
}

// TestASellerThatLostItsStoreAsksAnew replaces an open request by a later one of the same seller.
func TestASellerThatLostItsStoreAsksAnew(t *testing.T) {
	w := newWorld(t)
	buyer := service(t, w.buyer)
	first := request(t, w, 1)
	for range 2 {
		answer, err := buyer.Take(t.Context(), w.courier.from, first)
		require.NoError(t, err)
		require.Nil(t, answer)
	}
	w.clock.advance(time.Minute)
	later := request(t, w, 1)
	_, err := buyer.Take(t.Context(), w.courier.from, later)
	require.NoError(t, err)
	_, err = buyer.Take(t.Context(), w.courier.from, first)
	require.ErrorIs(t, err, pdx.ErrRefused, "it was replaced")
	require.True(t, only(t, buyer).Asked.Equal(later.Asked))
	_, err = buyer.Answer(t.Context(), 1, false, "")
	require.NoError(t, err)
	w.clock.advance(time.Minute)
	_, err = buyer.Take(t.Context(), w.courier.from, request(t, w, 1))
	require.ErrorIs(t, err, pdx.ErrRefused, "it was answered")
}

// request is what a seller sends.
func request(t *testing.T, w *world, deal pdx.DealID) erasure.Request {
	t.Helper()
	statement := attest.ErasureRequestOf(chainID, w.seller.Ledger.(ledger)[deal], w.clock.Now().Unix(), "why")
	signature, err := w.seller.Signer.Sign(statement.SignBytes())
	require.NoError(t, err)
	return erasure.Request{
		Deal: deal, Asked: w.clock.Now(), Reason: "why", PublicKey: w.seller.Signer.PublicKey(), Signature: signature,
	}
}
