package bench_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/node/validator"
)

const (
	grower = pdx.Address("panacea1me") // seller, buyer and validator of all deals
	// growthLive is how many deals go on, beside those of the past.
	growthLive = 10
	growthPool = pdx.PoolID(1)
)

// counted is a store that counts the rows that are read and written.
type counted struct {
	*sqlite.Backend
	rows *atomic.Int64
}

func (c counted) Get(ctx context.Context, table, key string) (store.Row, error) {
	c.rows.Add(1)
	return c.Backend.Get(ctx, table, key)
}

func (c counted) Rows(ctx context.Context, q store.Query) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		c.rows.Add(1) // a query that finds nothing is work as well
		for r, err := range c.Backend.Rows(ctx, q) {
			c.rows.Add(1)
			if !yield(r, err) {
				return
			}
		}
	}
}

func (c counted) Write(ctx context.Context, fn func(store.Writer) error) error {
	c.rows.Add(1)
	return c.Backend.Write(ctx, fn)
}

// ledger is a chain with the deals of the past, which are final, and some that go on. It
// makes them up when they are read, and counts the readings.
type ledger struct {
	n     int // deals of the past
	pool  pdx.Pool
	reads *atomic.Int64
}

const growthPage = 100

func (l ledger) deal(id int) pdx.Deal {
	d := pdx.Deal{
		ID: pdx.DealID(id), Pool: growthPool, Seller: grower, Buyer: grower, BuyerKey: l.pool.Key, Price: l.pool.Price,
		Criteria: l.pool.Criteria, Required: 1, Validators: []pdx.Address{grower}, Dataset: *datasetOf(id), Fields: []string{"/id"},
		State: pdx.DealFinal, DeadlineHeight: 1 << 40, DeadlineTime: time.Now().Add(time.Hour),
		Certificates: []pdx.Certificate{{Validator: grower, Accepted: true, Available: true, ExpiryHeight: 1 << 40}},
	}
	if id > l.n {
		d.State = pdx.DealDelivered
	}
	return d
}

func datasetOf(id int) *pdx.Dataset {
	return &pdx.Dataset{Root: pdx.ContentID{1, byte(id), byte(id >> 8), byte(id >> 16)}, Size: 1000}
}

func (l ledger) Head(context.Context) (pdx.Head, error) {
	l.reads.Add(1)
	return pdx.Head{ChainID: "bench-1", Height: 1000, Time: time.Now()}, nil
}

func (l ledger) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	l.reads.Add(1)
	if int(id) > l.n+growthLive {
		return pdx.Deal{}, pdx.ErrNotFound
	}
	return l.deal(int(id)), nil
}

func (l ledger) Deals(_ context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error) {
	l.reads.Add(1)
	if f.State == pdx.DealOffered {
		return nil, "", nil
	}
	from, _ := strconv.Atoi(f.Cursor)
	to := min(from+growthPage, l.n+growthLive)
	for id := from + 1; id <= to; id++ {
		deals = append(deals, l.deal(id))
	}
	if to < l.n+growthLive {
		next = strconv.Itoa(to)
	}
	return deals, next, nil
}

func (l ledger) DealByRoot(context.Context, pdx.PoolID, pdx.ContentID, pdx.Element) (pdx.Deal, error) {
	l.reads.Add(1)
	return pdx.Deal{}, pdx.ErrNotFound
}

func (l ledger) Pool(context.Context, pdx.PoolID) (pdx.Pool, error) {
	l.reads.Add(1)
	return l.pool, nil
}

func (l ledger) Pools(context.Context, pdx.PoolFilter) ([]pdx.Pool, string, error) {
	l.reads.Add(1)
	return []pdx.Pool{l.pool}, "", nil
}

func (l ledger) Validator(context.Context, pdx.Address) (pdx.Validator, error) {
	l.reads.Add(1)
	return pdx.Validator{Address: grower, Status: pdx.ValidatorBonded}, nil
}

func (ledger) OfferDeposit(context.Context, pdx.Pool, []string, int) (pdx.Amount, error) {
	return 1, nil
}
func (ledger) Ready(context.Context) error                       { return nil }
func (ledger) Ack(context.Context, []pdx.AckedDeal) error        { return pdx.ErrUnavailable }
func (ledger) Reveal(context.Context, pdx.Reveal) error          { return pdx.ErrUnavailable }
func (ledger) Draw(context.Context, pdx.PoolID) error            { return pdx.ErrUnavailable }
func (ledger) Challenge(context.Context, pdx.NewChallenge) error { return pdx.ErrUnavailable }

func (ledger) Answer(context.Context, pdx.Answer) error { return pdx.ErrUnavailable }

func (ledger) Complain(context.Context, pdx.Complaint) (pdx.Amount, error) {
	return 0, pdx.ErrUnavailable
}

func (ledger) CreatePool(context.Context, pdx.NewPool) (pdx.PoolID, error) {
	return 0, pdx.ErrUnavailable
}

func (ledger) Stake(context.Context, pdx.Amount, uint32) (pdx.Amount, error) {
	return 0, pdx.ErrUnavailable
}

func (ledger) ClosePool(context.Context, pdx.PoolID, pdx.Amount) (refund, held pdx.Amount, err error) {
	return 0, 0, pdx.ErrUnavailable
}

func (ledger) Certify(context.Context, pdx.DealID, [32]byte, pdx.Certificate) error {
	return pdx.ErrUnavailable
}

func (ledger) TagKeys(context.Context, pdx.PoolID) ([][]byte, error) { return nil, nil }

// prover shows what the ledger shows.
type prover struct{ ledger }

func (p prover) Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	d, err := p.ledger.Deal(ctx, id)
	return d, pdx.Head{ChainID: "bench-1", Height: 1000}, err
}

// wallet has no money, so nothing is offered.
type wallet struct{}

func (wallet) Offer(context.Context, pdx.Offer) (pdx.DealID, error) { return 0, pdx.ErrNoFunds }
func (wallet) WithdrawOffer(context.Context, pdx.DealID) error      { return pdx.ErrUnavailable }

func (wallet) Deliver(context.Context, pdx.Delivery) error  { return pdx.ErrUnavailable }
func (wallet) DefaultAck(context.Context, pdx.DealID) error { return pdx.ErrUnavailable }

// What follows stands for a blob store in which all is well, and for machines of others,
// which are away. What is not implemented is not called.
type (
	sellerBlobs    struct{ seller.Blobs }
	buyerBlobs     struct{ buyer.Blobs }
	validatorBlobs struct{ validator.Blobs }
	away           struct{}
	documents      struct{ document []byte }
	secrets        struct{ storetest.Secrets }
)

func (sellerBlobs) Check(context.Context, pdx.ContentID) error        { return nil }
func (sellerBlobs) Create(context.Context) (seller.BlobWriter, error) { return nil, pdx.ErrUnavailable }

func (buyerBlobs) Held(context.Context, pdx.ContentID) (uint64, bool, error) { return 1000, true, nil }

func (validatorBlobs) Put(context.Context, []byte) (pdx.ContentID, error) {
	return pdx.ContentID{}, pdx.ErrUnavailable
}
func (validatorBlobs) Check(context.Context, pdx.ContentID) error      { return nil }
func (away) Sources(context.Context, pdx.Deal) ([]buyer.Source, error) { return nil, nil }
func (d documents) Document(context.Context, pdx.Pool, pdx.ContentID, int) ([]byte, error) {
	return d.document, nil
}

func (away) Ask(context.Context, pdx.Address, seller.Request, func(pdx.Progress)) (pdx.Verdict, error) {
	return pdx.Verdict{}, pdx.ErrUnavailable
}

func (away) Fetch(context.Context, buyer.Sources, pdx.ContentID, uint64, func(held, total uint64)) error {
	return pdx.ErrUnavailable
}

func (away) FetchMany(context.Context, buyer.Source, []pdx.ContentID, func()) map[pdx.ContentID]error {
	return nil
}

// noFetch is away for validators.
type noFetch struct{}

func (noFetch) Fetch(context.Context, validator.Source, pdx.ContentID, uint64, func(held, total uint64)) error {
	return pdx.ErrUnavailable
}

func (noFetch) Follow(context.Context, validator.Source, pdx.ContentID, uint64, func(held, total uint64), func(io.Reader)) error {
	return pdx.ErrUnavailable
}

// growth is the home of a node that has bought and sold its own datasets for long.
type growth struct {
	b        *testing.B
	dir      string
	path     string // of the database
	n        int
	rows     atomic.Int64
	reads    atomic.Int64
	chain    ledger
	document []byte
	secrets  *secrets

	db        *store.DB
	seller    *seller.Service
	buyer     *buyer.Service
	validator *validator.Service
}

func newGrowth(b *testing.B, n int) *growth {
	document := []byte(`{"version":1,"title":"t","media_type":"application/x-ndjson","schema":{"type":"object"},` +
		`"fields":[{"pointer":"/id","required":true,"purpose":"p"}]}`)
	key := seal.NewBuyerKey()
	g := &growth{b: b, dir: b.TempDir(), n: n, document: document, secrets: &secrets{}}
	g.path = filepath.Join(g.dir, "node.db")
	secret := key.Bytes()
	require.NoError(b, g.secrets.Put(b.Context(), "pool-key/bench", secret[:]))
	g.chain = ledger{n: n, reads: &g.reads, pool: pdx.Pool{
		ID: growthPool, Buyer: grower, Key: key.Public(), Price: 1_000_000, TargetCount: 1 << 40, Criteria: criteria.IDOf(document),
		Certificates: 1, MediaType: criteria.NDJSON, Validators: []pdx.Address{grower}, Status: pdx.PoolOpen,
	}}
	g.open()
	g.fill()
	return g
}

// open opens the database and wires the roles.
func (g *growth) open() {
	backend, err := sqlite.OpenBackend(g.b.Context(), g.path, home.StateSchema())
	require.NoError(g.b, err)
	g.db, err = store.New(g.b.Context(), counted{backend, &g.rows})
	require.NoError(g.b, err)
	marks := store.NewTable[string](g.db, "deal_marks")
	g.seller, err = seller.New(seller.Config{
		ChainID: "bench-1", Account: grower, Folder: filepath.Join(g.dir, "disclosed"), Ledger: g.chain, Prover: prover{g.chain},
		Wallet: wallet{}, Documents: documents{g.document}, Blobs: sellerBlobs{}, Validators: away{},
		Sales: store.NewTable[model.Sale](g.db, home.SalesTable), Data: store.NewTable[model.Data](g.db, home.DataTable),
		Secrets: g.secrets, Marks: marks,
	})
	require.NoError(g.b, err)
	g.buyer, err = buyer.New(buyer.Config{
		ChainID: "bench-1", Account: grower, Ledger: g.chain, Prover: prover{g.chain}, Pools: g.chain,
		Finder: away{}, Fetcher: away{}, Blobs: buyerBlobs{},
		Creations: store.NewTable[buyer.Creation](g.db, home.PoolsTable), Orders: store.NewTable[model.PullOrder](g.db, "orders"),
		Pulls: store.NewTable[model.Pull](g.db, home.PullsTable), Secrets: g.secrets, Marks: marks,
	})
	require.NoError(g.b, err)
	g.validator, err = validator.New(validator.Config{
		ChainID: "bench-1", Account: grower, Ledger: g.chain, Prover: prover{g.chain}, Fetcher: noFetch{}, Blobs: validatorBlobs{}, Marks: marks,
		Vault: store.NewTable[validator.Record](g.db, "validations"),
		Sets:  recordsets.New(store.NewTable[recordsets.Record](g.db, home.RecordSetsTable), 1<<30),
		Recipients: func(context.Context) ([]dedup.Recipient, error) {
			r, err := dedup.NewRecipient(make([]byte, dedup.RecipientLen))
			return []dedup.Recipient{r}, err
		},
	})
	require.NoError(g.b, err)
}

// fill writes what the node remembers of its history, as it would have written it.
func (g *growth) fill() {
	ctx := g.b.Context()
	sales, data, pulls := map[string]model.Sale{}, map[string]model.Data{}, map[string]model.Pull{}
	put := func() {
		require.NoError(g.b, store.NewTable[model.Sale](g.db, home.SalesTable).PutAll(ctx, sales))
		require.NoError(g.b, store.NewTable[model.Data](g.db, home.DataTable).PutAll(ctx, data))
		require.NoError(g.b, store.NewTable[model.Pull](g.db, home.PullsTable).PutAll(ctx, pulls))
		clear(sales)
		clear(data)
		clear(pulls)
	}
	began := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for id := 1; id <= g.n+growthLive; id++ {
		d, name := g.chain.deal(id), fmt.Sprintf("data-%07d", id)
		data[name] = model.Data{ID: name, Name: name + ".ndjson", Path: "/data/" + name, MediaType: criteria.NDJSON, Size: 1000, Records: 10}
		sale := model.Sale{
			ID: fmt.Sprintf("s%07d", id), Pool: growthPool, Data: name, Fields: d.Fields, Validators: d.Validators, State: model.SaleState(d.State),
			Terms:   model.Terms{Buyer: grower, Key: g.chain.pool.Key, Price: d.Price, Criteria: d.Criteria, Required: 1},
			Settled: d.State.Ended(), Deal: d.ID, Dataset: &d.Dataset, Created: began.Add(time.Duration(id) * time.Minute),
			Checks: []model.Check{{Validator: grower, Stage: pdx.StageDone, Accepted: true}},
		}
		sale.Updated = sale.Created.Add(time.Hour)
		sales[sale.ID] = sale
		pull := model.Pull{
			Deal: d.ID, Pool: growthPool, Seller: grower, Root: d.Dataset.Root, Size: 1000, State: model.PullFinal,
			Opened: &model.Opened{Path: fmt.Sprintf("/bought/deal-%d", id), Records: 10},
		}
		if !d.State.Ended() {
			pull.State = model.PullOpened
			record := validator.Record{
				Deal: d.ID, Pool: growthPool, Buyer: grower, Root: d.Dataset.Root, Size: 1000, Documents: []pdx.ContentID{d.Criteria},
				Verdict: &pdx.Verdict{Accepted: true}, Certified: true, Promised: true,
			}
			require.NoError(g.b, store.NewTable[validator.Record](g.db, "validations").Put(ctx, d.ID.String(), record))
		}
		pulls[d.ID.String()] = pull
		if id%5000 == 0 {
			put()
		}
	}
	put()
	creation := buyer.Creation{RequestID: "bench", Key: g.chain.pool.Key, Documents: []pdx.ContentID{g.chain.pool.Criteria}, Pool: growthPool}
	require.NoError(g.b, store.NewTable[buyer.Creation](g.db, home.PoolsTable).Put(ctx, "bench", creation))
	order := model.PullOrder{Pool: growthPool, Out: filepath.Join(g.dir, "bought")}
	require.NoError(g.b, store.NewTable[model.PullOrder](g.db, "orders").Put(ctx, "1/0", order))
}

// start starts the roles and waits until each has compared its deals with the chain.
func (g *growth) start() {
	require.NoError(g.b, g.validator.Start(g.b.Context()))
	require.NoError(g.b, g.buyer.Start(g.b.Context()))
	require.NoError(g.b, g.seller.Start(g.b.Context()))
	for _, done := range []<-chan struct{}{g.validator.Compared(), g.buyer.Compared(), g.seller.Compared()} {
		<-done
	}
}

func (g *growth) stop() {
	ctx := context.WithoutCancel(g.b.Context())
	require.NoError(g.b, g.seller.Stop(ctx))
	require.NoError(g.b, g.buyer.Stop(ctx))
	require.NoError(g.b, g.validator.Stop(ctx))
	require.NoError(g.b, g.db.Close())
}

// quiet waits until nothing was read for a while.
func (g *growth) quiet() {
	for last, same := int64(-1), 0; same < 10; time.Sleep(100 * time.Millisecond) {
		if now := g.rows.Load() + g.reads.Load(); now == last {
			same++
		} else {
			last, same = now, 0
		}
	}
}

// file writes a file of records that can be sold.
func (g *growth) file(name string) string {
	path := filepath.Join(g.dir, name)
	require.NoError(g.b, os.WriteFile(path, []byte("{\"id\":\"a\"}\n{\"id\":\"b\"}\n"), 0o600))
	return path
}
