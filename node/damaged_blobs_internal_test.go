package node

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// bench is a buyer with its real stores on disk, and beside it what it needs of a
// chain and of a seller that serves until the deals have ended.
type bench struct {
	t     *testing.T
	dir   string
	store *fs.Store
	blobs blobs
	buyer *buyer.Service

	mu      sync.Mutex
	pool    pdx.Pool
	height  int64
	deals   map[pdx.DealID]pdx.Deal
	keys    map[pdx.DealID]*seal.Key
	serves  map[pdx.ContentID][]byte
	cut     bool // pulls end in the middle
	noAck   bool // no ack gets into a block
	noProof bool // no complaint does
	shown   []pdx.Complaint
}

func newBench(t *testing.T) *bench {
	b := &bench{
		t: t, dir: t.TempDir(), height: 10,
		deals: map[pdx.DealID]pdx.Deal{}, keys: map[pdx.DealID]*seal.Key{}, serves: map[pdx.ContentID][]byte{},
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(b.dir, "node.db"), home.StateSchema())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	b.store, err = fs.Open(filepath.Join(b.dir, "blobs"), fs.WithLog(slog.New(slog.DiscardHandler)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = b.store.Close() })
	b.blobs = shares(b.store, store.NewTable[ref](db, "blob_claims"))(pdx.RoleBuyer)
	b.buyer, err = buyer.New(buyer.Config{
		ChainID: "test-1", Account: "panacea1buyer", Ledger: b, Prover: believer{b}, Pools: b, Finder: b, Fetcher: b, Blobs: b.blobs,
		Creations: store.NewTable[buyer.Creation](db, "pools"), Orders: store.NewTable[model.PullOrder](db, "orders"),
		Pulls: store.NewTable[model.Pull](db, "pulls"), Secrets: &storetest.Secrets{}, Marks: &storetest.Table[string]{},
		Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	require.NoError(t, b.buyer.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, b.buyer.Stop(context.Background())) })
	pool, err := b.buyer.CreatePool(t.Context(), model.PoolRequest{
		RequestID: "1",
		Criteria: []byte(`{"version":1,"title":"t","media_type":"application/x-ndjson","schema":{},` +
			`"fields":[{"pointer":"/id","required":true,"purpose":"p"}]}`),
		Price: 5, TargetCount: 10, Certificates: 1, Validators: []pdx.Address{"panacea1validator"},
	})
	require.NoError(t, err)
	_, err = b.buyer.Pull(t.Context(), model.PullOrder{Pool: pool.ID, Out: filepath.Join(b.dir, "out")})
	require.NoError(t, err)
	return b
}

// certify sells records; a spoiled dataset has a segment that does not decrypt.
func (b *bench) certify(id pdx.DealID, records string, spoiled bool) {
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(b.t, err)
	var sealed bytes.Buffer
	facts, err := key.Seal(&sealed, strings.NewReader(records), pdx.AES256GCM)
	require.NoError(b.t, err)
	data := sealed.Bytes()
	if spoiled {
		data[5] ^= 1
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	root := blobtest.Root(data)
	b.keys[id], b.serves[root] = key, data
	b.deals[id] = pdx.Deal{
		ID: id, Pool: 1, Seller: "panacea1seller", Buyer: "panacea1buyer", BuyerKey: b.pool.Key, Price: 5, Criteria: b.pool.Criteria,
		Dataset: pdx.Dataset{
			Root: root, Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM,
			Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
		},
		Required: 1, Certificates: []pdx.Certificate{{Validator: "panacea1validator", Accepted: true, ExpiryHeight: 1 << 40}},
	}
	b.enter(id, pdx.DealCertified)
}

// enter is called with mu held.
func (b *bench) enter(id pdx.DealID, state pdx.DealState) {
	b.height++
	d := b.deals[id]
	d.State = state
	if state == pdx.DealAcked {
		d.AckHeight = b.height
	}
	d.History = append(slices.Clone(d.History), pdx.Step{State: state, Height: b.height, Time: time.Now()})
	d.DeadlineHeight, d.DeadlineTime = b.height+1000, time.Now().Add(12*time.Hour)
	b.deals[id] = d
	b.buyer.Wake(pdx.Event{Deal: id, Pool: d.Pool, State: string(state)})
}

func (b *bench) deliver(id pdx.DealID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.deals[id]
	terms := attest.Deliver{
		ChainID: "test-1", Pool: d.Pool, Deal: id, Seller: d.Seller, Buyer: d.Buyer, Denom: pdx.Denom, Price: uint64(d.Price),
		Cert: attest.CertHash(d.Dataset, d.Criteria, d.Accepted()), AckHeight: d.AckHeight,
	}
	d1, d2, proof, err := b.keys[id].Deliver(terms.Hash(), d.BuyerKey)
	require.NoError(b.t, err)
	d.Delivery = &pdx.Delivery{Deal: id, D1: d1, D2: d2, Proof: proof}
	b.deals[id] = d
	b.enter(id, pdx.DealDelivered)
}

func (b *bench) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

func (b *bench) pull(id pdx.DealID) model.Pull {
	list, _, err := b.buyer.ListPulls(context.Background(), 1, model.Page{Limit: 100})
	require.NoError(b.t, err)
	for _, p := range list {
		if p.Deal == id {
			return p
		}
	}
	return model.Pull{}
}

// until waits, in fake time, for a deal to be in a state.
func (b *bench) until(id pdx.DealID, states ...model.PullState) {
	b.t.Helper()
	for range 7200 {
		if slices.Contains(states, b.pull(id).State) {
			return
		}
		time.Sleep(time.Second) // a bubble's
	}
	require.Contains(b.t, states, b.pull(id).State, b.pull(id).Reason)
}

// What the buyer sees of the chain and of the network.

func (b *bench) Head(context.Context) (pdx.Head, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return pdx.Head{ChainID: "test-1", Height: b.height, Time: time.Now()}, nil
}

func (b *bench) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.deals[id], nil
}

func (b *bench) Deals(context.Context, pdx.DealFilter) (all []pdx.Deal, next string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.deals {
		all = append(all, d)
	}
	return all, "", nil
}

func (b *bench) Ack(_ context.Context, deals []pdx.AckedDeal) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.noAck {
		return pdx.ErrUnavailable
	}
	for _, d := range deals {
		b.enter(d.Deal, pdx.DealAcked)
	}
	return nil
}

func (b *bench) Reveal(context.Context, pdx.Reveal) error { return pdx.ErrUnavailable }

func (b *bench) Draw(context.Context, pdx.PoolID) error { return pdx.ErrUnavailable }

func (b *bench) Challenge(context.Context, pdx.NewChallenge) error { return pdx.ErrUnavailable }

func (b *bench) Complain(_ context.Context, c pdx.Complaint) (pdx.Amount, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.noProof {
		return 0, pdx.ErrRefused
	}
	b.shown = append(b.shown, c)
	b.enter(c.Deal, pdx.DealFraud)
	return 5, nil
}

func (b *bench) Pool(context.Context, pdx.PoolID) (pdx.Pool, error) { return b.pool, nil }

func (b *bench) Pools(context.Context, pdx.PoolFilter) ([]pdx.Pool, string, error) {
	return nil, "", nil
}

func (b *bench) CreatePool(_ context.Context, n pdx.NewPool) (pdx.PoolID, error) {
	b.pool = pdx.Pool{ID: 1, Buyer: "panacea1buyer", Key: n.Key, Criteria: n.Criteria, MediaType: n.MediaType, Status: pdx.PoolOpen}
	return 1, nil
}

func (b *bench) Stake(context.Context, pdx.Amount, uint32) (pdx.Amount, error) { return 0, nil }

func (b *bench) Validator(context.Context, pdx.Address) (pdx.Validator, error) {
	return pdx.Validator{}, nil
}

func (b *bench) ClosePool(context.Context, pdx.PoolID, pdx.Amount) (refund, held pdx.Amount, err error) {
	return 0, 0, pdx.ErrInvalid
}

func (b *bench) Sources(_ context.Context, d pdx.Deal) ([]buyer.Source, error) {
	return []buyer.Source{{Account: d.Seller, Peer: "seller"}}, nil
}

// Fetch uses the store as a pull does.
func (b *bench) Fetch(ctx context.Context, _ buyer.Sources, id pdx.ContentID, size uint64, _ func(held, total uint64)) error {
	b.mu.Lock()
	data, cut := b.serves[id], b.cut
	b.mu.Unlock()
	if err := b.blobs.hold(ctx, id); err != nil {
		return err
	}
	part, err := b.store.Partial(ctx, id, size)
	if err != nil {
		return err
	}
	defer part.Close()
	if cut {
		blobtest.Put(b.t, part, data, bao.Range{Count: 1})
		if err := part.Checkpoint(ctx); err != nil {
			return err
		}
		return fmt.Errorf("%w: the seller left", pdx.ErrUnavailable)
	}
	for missing := part.NextMissing(0, 1); missing.Count > 0; missing = part.NextMissing(0, 1) {
		blobtest.Put(b.t, part, data, missing)
	}
	_, err = part.Commit(ctx)
	return err
}

// FetchMany uses the store as a pull of a batch does.
func (b *bench) FetchMany(ctx context.Context, _ buyer.Source, ids []pdx.ContentID, progress func()) map[pdx.ContentID]error {
	failed := map[pdx.ContentID]error{}
	err := func() error {
		if err := b.blobs.hold(ctx, ids...); err != nil {
			return err
		}
		missing, err := b.store.Missing(ctx, ids)
		if err != nil {
			return err
		}
		batch, err := b.store.Batch(ctx)
		if err != nil {
			return err
		}
		defer batch.Abort() // a test's
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, id := range missing {
			if err := batch.Put(id, b.serves[id]); err != nil {
				return err
			}
		}
		return batch.Commit(ctx)
	}()
	progress()
	for _, id := range ids {
		if err != nil {
			failed[id] = err
		}
	}
	return failed
}

// damages returns what can happen to a ciphertext that a buyer holds: to one with a
// directory of its own, and to one in a pack.
func damages(t *testing.T) map[string]func(home string, root pdx.ContentID) {
	within := func(home string, root pdx.ContentID, change func(dir, file string)) {
		for _, sub := range []string{"blobs", "partial"} {
			if dir := filepath.Join(home, "blobs", sub, root.String()); exists(dir) {
				change(dir, filepath.Join(dir, "data"))
			}
		}
		packs, err := os.ReadDir(filepath.Join(home, "blobs", "packs"))
		require.NoError(t, err)
		for _, p := range packs {
			dir := filepath.Join(home, "blobs", "packs", p.Name())
			change(dir, filepath.Join(dir, "pack"))
		}
	}
	file := func(change func(path string) error) func(string, pdx.ContentID) {
		return func(home string, root pdx.ContentID) {
			within(home, root, func(_, data string) { require.NoError(t, change(data)) })
		}
	}
	return map[string]func(string, pdx.ContentID){
		"data cut":  file(func(path string) error { return os.Truncate(path, 40) }),
		"data gone": file(os.Remove),
		"data flipped": file(func(path string) error {
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			raw[20] ^= 1
			return os.WriteFile(path, raw, 0o600)
		}),
		"facts gone": func(home string, root pdx.ContentID) {
			within(home, root, func(dir, _ string) { require.NoError(t, os.RemoveAll(filepath.Join(dir, "facts"))) })
		},
		"tree gone": func(home string, root pdx.ContentID) {
			within(home, root, func(dir, _ string) { require.NoError(t, os.RemoveAll(filepath.Join(dir, "tree"))) })
		},
		"folder gone": func(home string, root pdx.ContentID) {
			within(home, root, func(dir, _ string) { require.NoError(t, os.RemoveAll(dir)) })
		},
		"all blobs gone": func(home string, _ pdx.ContentID) {
			for _, sub := range []string{"blobs", "packs", "partial"} {
				require.NoError(t, os.RemoveAll(filepath.Join(home, "blobs", sub)))
			}
		},
		"the whole store gone": func(home string, _ pdx.ContentID) { require.NoError(t, os.RemoveAll(filepath.Join(home, "blobs"))) },
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// small is pulled in a batch where others wait, large never.
var (
	small = strings.Repeat(`{"id":"s"}`+"\n", 100)
	large = strings.Repeat(`{"id":"l"}`+"\n", 20_000)
)

// TestDamagedCiphertextIsPulledAgain damages what a buyer holds, in every way and in
// every state in which it needs it: the buyer pulls it again and gets what it pays
// for.
func TestDamagedCiphertextIsPulledAgain(t *testing.T) {
	for how, damage := range damages(t) {
		for what, records := range map[string]string{"large": large, "packed": small} {
			if what == "packed" && (how == "facts gone" || how == "tree gone") {
				continue // a pack has none
			}
			for state, run := range map[string]func(*bench, func()){
				"pulling": damagedWhilePulling, "held": damagedWhileHeld, "acked": damagedWhileAcked,
				"delivered": damagedWhileDelivered, "disputed": damagedWhileDisputed,
			} {
				t.Run(how+"/"+what+"/"+state, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := newBench(t)
						b.certify(1, records, state == "disputed")
						if what == "packed" && state != "pulling" {
							b.pack(1)
						}
						run(b, func() {
							synctest.Wait() // nobody is at work in the store
							damage(b.dir, b.deals[1].Dataset.Root)
						})
						if state == "disputed" {
							require.Len(t, b.shown, 1)
							return
						}
						has, err := os.ReadFile(filepath.Join(b.dir, "out", "deal-1", "records.ndjson"))
						require.NoError(t, err)
						require.Equal(t, records, string(has))
						b.set(func() { b.enter(1, pdx.DealFinal) })
						b.until(1, model.PullFinal)
					})
				})
			}
		}
	}
}

// pack brings a deal's ciphertext here as one that came in a batch.
func (b *bench) pack(id pdx.DealID) {
	root := b.deals[id].Dataset.Root
	require.Empty(b.t, b.FetchMany(b.t.Context(), buyer.Source{}, []pdx.ContentID{root}, func() {}))
}

func damagedWhilePulling(b *bench, damage func()) {
	b.set(func() { b.cut = true })
	b.until(1, model.PullPulling)
	time.Sleep(time.Second) // a bubble's
	damage()
	b.set(func() { b.cut = false })
	b.until(1, model.PullAcked)
	b.deliver(1)
	b.until(1, model.PullOpened)
}

func damagedWhileHeld(b *bench, damage func()) {
	b.set(func() { b.noAck = true })
	b.until(1, model.PullHeld)
	damage()
	b.set(func() { b.noAck = false })
	b.until(1, model.PullAcked)
	b.deliver(1)
	b.until(1, model.PullOpened)
}

func damagedWhileAcked(b *bench, damage func()) {
	b.until(1, model.PullAcked)
	damage()
	b.deliver(1)
	b.until(1, model.PullOpened)
}

// damagedWhileDelivered has the folder in the way, so that the key is here and the
// ciphertext is still needed.
func damagedWhileDelivered(b *bench, damage func()) {
	b.until(1, model.PullAcked)
	inTheWay := filepath.Join(b.dir, "out", "deal-1")
	require.NoError(b.t, os.WriteFile(inTheWay, nil, 0o600))
	b.deliver(1)
	b.until(1, model.PullPaused)
	damage()
	require.NoError(b.t, os.Remove(inTheWay))
	b.until(1, model.PullOpened)
}

func damagedWhileDisputed(b *bench, damage func()) {
	b.set(func() { b.noProof = true })
	b.until(1, model.PullAcked)
	b.deliver(1)
	b.until(1, model.PullDisputed)
	damage()
	b.set(func() { b.noProof = false })
	b.until(1, model.PullFraud)
	d := b.deals[1]
	c := b.shown[0].Segment
	_, err := bao.VerifySegment(c.Slice, d.Dataset.Root, d.Dataset.Size, c.Index)
	require.NoError(b.t, err)
}

// TestDamagedBlobOfTwoRoles has another role of the same node claim the blob, too:
// that must not keep the damaged bytes.
func TestDamagedBlobOfTwoRoles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		other := b.blobs
		other.role = pdx.RoleValidator
		b.certify(1, large, false)
		require.NoError(t, other.hold(t.Context(), b.deals[1].Dataset.Root))
		b.until(1, model.PullAcked)
		synctest.Wait()
		damages(t)["data flipped"](b.dir, b.deals[1].Dataset.Root)
		b.deliver(1)
		b.until(1, model.PullOpened)
		require.NoError(t, b.blobs.Delete(t.Context(), b.deals[1].Dataset.Root))
		require.NoError(t, other.Check(t.Context(), b.deals[1].Dataset.Root), "the other role has it still")
	})
}
