package seller_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is everything around a seller that outlives its process.
type world struct {
	chain   *chain
	prover  *prover
	liar    *liar
	docs    documents
	blobs   blob.Store
	sales   *storetest.Table[model.Sale]
	data    *storetest.Table[model.Data]
	secrets *storetest.Secrets
	marks   *storetest.Table[string]
	seed    func(context.Context) (seal.Seed, error)
	folder  string
	file    string
	name    string // of what is sold
	plain   string // what is disclosed of the file
	buyer   seal.BuyerKey
	power   *power
	log     *lockedBuffer

	oneCopyFrom   uint64
	keepDisclosed bool
	onePass       bool                           // data of any size
	engine        *readings                      // nil: nobody counts
	counted       *writers                       // nil: nobody counts
	serving       atomic.Pointer[seller.Service] // whom the store asks for bytes

	validators map[pdx.Address]ask
	asked      chan pdx.Address // every asking, if there is room
}

// ask is how a validator answers.
type ask func(ctx context.Context, w *world, v pdx.Address, r seller.Request, progress func(pdx.Progress)) (pdx.Verdict, error)

const schema = `{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}`

const recordCount = 350

// visits is the file that is sold, and what is disclosed of it.
var visits = sync.OnceValues(func() (string, string) {
	var records, plain strings.Builder
	for i := range recordCount { // more than one segment of ciphertext
		id := fmt.Sprintf("p%d%s", i, strings.Repeat("-", 200))
		fmt.Fprintf(&records, "{\"id\": %q, \"name\": \"Kim %d\", \"age\": %d}\n", id, i, i%90)
		fmt.Fprintf(&plain, "{\"id\":%q,\"age\":%d}\n", id, i%90)
	}
	return records.String(), plain.String()
})

func newWorld(t *testing.T) *world {
	t.Helper()
	doc := []byte(`{"version":1,"title":"t","media_type":"application/x-ndjson",
		"schema":{"cid":"` + criteria.IDOf([]byte(schema)).String() + `"},
		"fields":[{"pointer":"/id","required":true,"purpose":"to count"},{"pointer":"/age","purpose":"to know"}]}`)
	w := &world{
		docs:  documents{criteria.IDOf(doc): doc, criteria.IDOf([]byte(schema)): []byte(schema)},
		sales: &storetest.Table[model.Sale]{}, data: &storetest.Table[model.Data]{}, secrets: &storetest.Secrets{},
		marks:  &storetest.Table[string]{},
		folder: filepath.Join(t.TempDir(), "disclosed"), file: filepath.Join(t.TempDir(), "visits.ndjson"), name: "visits",
		buyer: seal.NewBuyerKey(), power: &power{}, log: &lockedBuffer{},
		validators: map[pdx.Address]ask{"panacea1val1": honest, "panacea1val2": honest}, asked: make(chan pdx.Address, 1000),
	}
	w.blobs = mem.New(mem.WithOrigin(w))
	w.chain = newChain(pdx.Pool{
		ID: 7, Buyer: buyer, Key: w.buyer.Public(), Price: price, TargetCount: 3,
		Criteria: criteria.IDOf(doc), Certificates: 2, MediaType: criteria.NDJSON,
		Validators: []pdx.Address{"panacea1val1", "panacea1val2"}, Status: pdx.PoolOpen,
		Terms: []pdx.Term{{ID: 1, Required: true, Title: "research only"}, {ID: 2, Title: "newsletter"}},
	})
	w.prover = &prover{chain: w.chain}
	w.liar = &liar{}
	var records string
	records, w.plain = visits()
	w.write(t, records)

	adder := w.service(t)
	_, err := adder.AddData(t.Context(), w.file, "visits", "", nil)
	require.NoError(t, err)
	return w
}

// write replaces the registered file.
func (w *world) write(t *testing.T, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(w.file, []byte(text), 0o600))
}

func (w *world) order() model.Order {
	return model.Order{Pool: 7, Data: w.name, Optional: true, Agreed: []uint32{1}}
}

func (w *world) service(t *testing.T) *seller.Service {
	t.Helper()
	c := seller.Config{
		ChainID: chainID, Account: account, Folder: w.folder, Documents: w.docs,
		Ledger: w.liar.over(poweredLedger{w.power, w.chain}), Prover: w.prover, Wallet: poweredWallet{w.power, w.chain},
		Blobs: poweredBlobs{w.power, blobs{w.blobs}}, Validators: poweredValidators{w.power, w},
		Sales: poweredTable[model.Sale]{w.power, w.sales}, Data: w.data, Secrets: poweredSecrets{w.power, w.secrets}, Marks: w.marks,
		Seed:        w.seed,
		Log:         slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		OneCopyFrom: w.oneCopyFrom, KeepDisclosed: w.keepDisclosed,
	}
	if w.engine != nil {
		c.Engine = w.engine
	}
	if w.counted != nil {
		w.counted.Blobs = c.Blobs
		c.Blobs = w.counted
	}
	s, err := seller.New(c)
	require.NoError(t, err)
	if w.onePass {
		s.OnePassFrom(0)
	}
	w.serving.Store(s)
	return s
}

func (w *world) start(t *testing.T) *seller.Service {
	t.Helper()
	s := w.service(t)
	w.chain.mu.Lock()
	w.chain.onChange = s.Wake
	w.chain.mu.Unlock()
	require.NoError(t, s.Start(t.Context()))
	return s
}

func (w *world) stop(t *testing.T, s *seller.Service) {
	t.Helper()
	require.NoError(t, s.Stop(context.WithoutCancel(t.Context())))
	require.NoError(t, s.Stop(context.WithoutCancel(t.Context())), "stopping again does nothing")
}

// until lets virtual time pass until cond holds.
func (w *world) until(t *testing.T, cond func() bool) {
	t.Helper()
	for range 10_000 {
		synctest.Wait()
		if cond() {
			return
		}
		time.Sleep(time.Second)
	}
	require.Fail(t, "it does not come to that", w.log.String())
}

// resume wakes all sales and lets the pause pass by which a step may be put off after an
// earlier wake or a fault.
func (w *world) resume(s *seller.Service) {
	s.Resume()
	time.Sleep(3 * time.Second)
	synctest.Wait()
}

// sales are all sales, as the service lists them.
func sales(t *testing.T, s *seller.Service) []model.Sale {
	t.Helper()
	list, next, err := s.ListSales(storetest.Quiet(t.Context()), model.Page{Limit: 1000})
	require.NoError(t, err)
	require.Empty(t, next)
	return list
}

// sale is a sale as the service shows it.
func (w *world) sale(t *testing.T, s *seller.Service, id string) model.Sale {
	t.Helper()
	for _, sale := range sales(t, s) {
		if sale.ID == id {
			return sale
		}
	}
	require.Fail(t, "no such sale", id)
	return model.Sale{}
}

// open does what the buyer does with a delivery.
func (w *world) open(t *testing.T, d pdx.Deal) string {
	t.Helper()
	require.NotNil(t, d.Delivery)
	m, err := w.buyer.Recover(d.Delivery.D1, d.Delivery.D2)
	require.NoError(t, err)
	plain, err := w.decrypt(m, d.Dataset)
	require.NoError(t, err)
	return plain
}

// sealed keeps ciphertexts after the store let them go, as buyers do.
var sealed sync.Map

func (w *world) decrypt(m pdx.Element, ds pdx.Dataset) (string, error) {
	key, err := seal.OpenDataset(m, ds)
	if err != nil {
		return "", err
	}
	ciphertext, ok := sealed.Load(ds.Root)
	if !ok {
		pulled, err := w.pull(ds.Root)
		if err != nil {
			return "", err
		}
		sealed.Store(ds.Root, pulled)
		ciphertext = pulled
	}
	var plain bytes.Buffer
	err = key.Open(&plain, bytes.NewReader(ciphertext.([]byte)), ds)
	return plain.String(), err
}

// pull is a ciphertext as it is served now.
func (w *world) pull(root pdx.ContentID) ([]byte, error) {
	b, err := w.blobs.Open(context.Background(), root)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return io.ReadAll(io.NewSectionReader(b, 0, int64(b.Size())))
}

// Bytes is the seller as the origin of what the store keeps the tree of.
func (w *world) Bytes(ctx context.Context, id pdx.ContentID) (blob.Bytes, error) {
	c, err := w.serving.Load().Ciphertext(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Ask is the network between the seller and the validators.
func (w *world) Ask(ctx context.Context, v pdx.Address, r seller.Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	select {
	case w.asked <- v:
	default:
	}
	return w.validators[v](ctx, w, v, r, progress)
}

// honest checks what a validator checks and certifies.
func honest(ctx context.Context, w *world, v pdx.Address, r seller.Request, progress func(pdx.Progress)) (pdx.Verdict, error) {
	progress(pdx.Progress{Stage: pdx.StagePulling})
	d, err := w.chain.Deal(ctx, r.Deal)
	if err != nil {
		return pdx.Verdict{}, err
	}
	terms := attest.OpenDataset{ChainID: chainID, Deal: d.ID, Validator: v}
	if err := proof.VerifyOpening(terms.Hash(), d.Dataset.Key, d.Dataset.Nonce, r.Opening, r.Proof); err != nil {
		return pdx.Verdict{}, err
	}
	progress(pdx.Progress{Stage: pdx.StageChecking})
	plain, err := w.decrypt(r.Opening, d.Dataset)
	if err != nil {
		return pdx.Verdict{}, fmt.Errorf("%w: %w", pdx.ErrRefused, err)
	}
	if plain != w.plain {
		return pdx.Verdict{}, fmt.Errorf("%w: not what was disclosed", pdx.ErrRefused)
	}
	w.chain.certify(d.ID, pdx.Certificate{Validator: v, Accepted: true, Available: true, ExpiryHeight: 1 << 40})
	return pdx.Verdict{Accepted: true}, nil
}

type documents map[pdx.ContentID][]byte

func (d documents) Document(_ context.Context, _ pdx.Pool, id pdx.ContentID, limit int) ([]byte, error) {
	raw, ok := d[id]
	if !ok || len(raw) > limit {
		return nil, pdx.ErrNotFound
	}
	return raw, nil
}

// blobs is a blob store as the seller wants it.
type blobs struct{ store blob.Store }

type blobWriter struct {
	blob.Writer
	store blob.Store
}

func (b blobs) Create(ctx context.Context) (seller.BlobWriter, error) {
	w, err := b.store.Create(ctx)
	return blobWriter{w, b.store}, err
}

func (b blobs) CreateTree(ctx context.Context) (seller.BlobWriter, error) {
	w, err := b.store.CreateTree(ctx)
	return treeWriter{w}, err
}

type treeWriter struct{ blob.Writer }

func (w treeWriter) Commit(ctx context.Context) (pdx.ContentID, uint64, error) {
	info, err := w.Writer.Commit(ctx)
	return info.ID, info.Size, err
}

func (b blobs) Check(ctx context.Context, root pdx.ContentID) error {
	opened, err := b.store.Open(ctx, root)
	if err != nil {
		return err
	}
	return opened.Close()
}

func (b blobs) Sweep(ctx context.Context, keep func(pdx.ContentID) bool) error {
	for info, err := range b.store.List(ctx) {
		if err != nil {
			return err
		}
		if !keep(info.ID) {
			if err := b.store.Delete(ctx, info.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b blobs) Slice(ctx context.Context, root pdx.ContentID, segment uint64) ([]byte, error) {
	opened, err := b.store.Open(ctx, root)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	var slice bytes.Buffer
	err = opened.WriteSlice(&slice, bao.Range{First: segment, Count: 1})
	return slice.Bytes(), err
}

func (b blobs) Delete(ctx context.Context, root pdx.ContentID) error {
	return b.store.Delete(ctx, root)
}

func (w blobWriter) Commit(ctx context.Context) (pdx.ContentID, uint64, error) {
	info, err := w.Writer.Commit(ctx)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	b, err := w.store.Open(ctx, info.ID)
	if err != nil {
		return pdx.ContentID{}, 0, err
	}
	defer b.Close()
	ciphertext, err := io.ReadAll(io.NewSectionReader(b, 0, int64(b.Size())))
	sealed.Store(info.ID, ciphertext)
	return info.ID, info.Size, err
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
