package validator_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/node/validator"
)

const (
	chainID = "panacea-test-1"
	me      = pdx.Address("panacea1validator")
	seller  = pdx.Address("panacea1seller")
	buyer   = pdx.Address("panacea1buyer")
)

var wantPatients = []byte(`{
  "version": 1, "title": "Patients", "media_type": "application/x-ndjson",
  "schema": {"type": "object", "required": ["id", "birthDate"], "properties": {"birthDate": {"type": "string", "minLength": 10}}},
  "fields": [{"pointer": "/id", "required": true, "purpose": "to count"}, {"pointer": "/birthDate", "required": true, "purpose": "age"}, ` +
	`{"pointer": "/gender", "purpose": "groups"}]
}`)

var patientFields = []string{"/id", "/birthDate"}

func patients(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"p%06d","birthDate":"19%02d-01-02"}`+"\n", i, i%100)
	}
	return b.String()
}

// errCrash is what a dead machine answers.
var errCrash = errors.New("crashed")

// world is everything outside the validator, and what survives its crashes.
type world struct {
	t testing.TB

	mu   sync.Mutex
	head pdx.Head
	// chainAhead is how far the chain's clock is ahead of this machine's.
	chainAhead time.Duration
	deals      map[pdx.DealID]pdx.Deal
	stored     map[pdx.ContentID][]byte // complete blobs of this machine
	partial    map[pdx.ContentID]int
	remote     map[pdx.Address]map[pdx.ContentID][]byte
	certs      int // certificates the chain took
	fetched    map[pdx.ContentID]int
	answers    int // that the chain took
	vault      storetest.Table[validator.Record]
	sets       storetest.Table[recordsets.Record]
	account    pdx.Address // of this validator
	pools      map[pdx.PoolID]pdx.Pool
	tagKeys    map[pdx.PoolID][][]byte
	marks      storetest.Table[string]
	self       pdx.Validator // this validator; bonded unless its status says else

	// fail, if set, is asked before ("+") and after ("-") every call with its name.
	fail func(point string) error
	// block, if set, is waited for in every fetch.
	block func(ctx context.Context) error
}

func newWorld(t testing.TB) *world {
	w := &world{
		t:     t,
		head:  pdx.Head{ChainID: chainID, Height: 100, Time: time.Unix(1_700_000_000, 0)},
		deals: map[pdx.DealID]pdx.Deal{}, stored: map[pdx.ContentID][]byte{}, partial: map[pdx.ContentID]int{},
		remote: map[pdx.Address]map[pdx.ContentID][]byte{seller: {}, buyer: {}}, fetched: map[pdx.ContentID]int{},
		account: me, pools: map[pdx.PoolID]pdx.Pool{}, tagKeys: map[pdx.PoolID][][]byte{},
	}
	w.remote[buyer][criteria.IDOf(wantPatients)] = wantPatients
	w.vault.Hook = func(op string) error { return w.point("+vault " + op) }
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

// edit changes the world while a validator may be at work in it.
func (w *world) edit(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// around runs a call with its two points.
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

func (w *world) Head(context.Context) (h pdx.Head, err error) {
	err = w.around("head", func() error {
		h = w.head
		h.Time = time.Now().Add(w.chainAhead) // blocks come all the time
		return nil
	})
	return h, err
}

func (w *world) Deal(_ context.Context, id pdx.DealID) (d pdx.Deal, err error) {
	err = w.around("deal", func() error {
		var ok bool
		if d, ok = w.deals[id]; !ok {
			return pdx.ErrNotFound
		}
		d.Certificates = slices.Clone(d.Certificates)
		return nil
	})
	return d, err
}

// prover proves what is on the chain.
type prover struct{ *world }

func (p prover) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error) {
	var d pdx.Deal
	var h pdx.Head
	err := p.around("prove", func() error {
		var ok bool
		if d, ok = p.deals[id]; !ok {
			return pdx.ErrNotFound
		}
		d.Certificates, h = slices.Clone(d.Certificates), p.head
		return nil
	})
	return d, h, err
}

func (w *world) Deals(_ context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error) {
	err = w.around("deals", func() error {
		for _, id := range slices.Sorted(maps.Keys(w.deals)) {
			d := w.deals[id]
			if f.Challenged && !d.Challenged() {
				continue
			}
			if (f.State == "" || d.State == f.State) && (f.Pool == 0 || d.Pool == f.Pool) &&
				(f.Validator == "" || slices.Contains(d.Validators, f.Validator)) {
				deals = append(deals, d)
			}
		}
		return nil
	})
	return deals, "", err
}

func (w *world) Validator(_ context.Context, address pdx.Address) (v pdx.Validator, err error) {
	err = w.around("validator", func() error {
		v = w.self
		v.Address, v.Status = address, cmp.Or(v.Status, pdx.ValidatorBonded)
		if v.Status == "none" {
			return pdx.ErrNotFound
		}
		return nil
	})
	return v, err
}

func (w *world) Certify(_ context.Context, id pdx.DealID, facts [32]byte, c pdx.Certificate) error {
	return w.around("certify", func() error {
		d, ok := w.deals[id]
		switch {
		case !ok:
			return pdx.ErrNotFound
		case d.State != pdx.DealOffered && d.State != pdx.DealCertified ||
			slices.ContainsFunc(d.Certificates, func(o pdx.Certificate) bool { return o.Validator == c.Validator }):
			return fmt.Errorf("%w: takes no certificate", pdx.ErrWrongState)
		case attest.FactsOf(chainID, d).Hash() != facts:
			return fmt.Errorf("%w: other facts", pdx.ErrRefused)
		case c.Validator != w.account || !slices.Contains(d.Validators, w.account):
			return pdx.ErrRefused
		case c.Accepted != (c.Reason == 0) || c.ExpiryHeight <= w.head.Height:
			return pdx.ErrInvalid
		}
		w.certs++
		w.head.Height++
		c.Height = w.head.Height
		d.Certificates = append(d.Certificates, c)
		if d.State == pdx.DealCertified || len(d.Accepted()) >= int(d.Required) {
			d.State = pdx.DealCertified
		} else if len(d.Certificates) == len(d.Validators) {
			d.State = pdx.DealLapsed
		}
		w.deals[id] = d
		return nil
	})
}

func (w *world) Answer(_ context.Context, a pdx.Answer) error {
	return w.around("answer", func() error {
		d := w.deals[a.Deal]
		if !d.Challenged() || d.Challenge.Number != a.Challenge {
			return fmt.Errorf("%w: no such challenge", pdx.ErrWrongState)
		}
		if len(a.Slices) != len(d.Challenge.Chunks) {
			return pdx.ErrInvalid
		}
		for i, chunk := range d.Challenge.Chunks {
			if _, err := bao.VerifyChunk(a.Slices[i], d.Dataset.Root, d.Dataset.Size, chunk); err != nil {
				return fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
			}
		}
		answered := *d.Challenge
		answered.State, answered.AnsweredBy = pdx.ChallengeAnswered, me
		d.Challenge = &answered
		w.deals[a.Deal] = d
		w.answers++
		w.head.Height++
		return nil
	})
}

func (w *world) Slice(_ context.Context, id pdx.ContentID, i uint64) (slice []byte, err error) {
	err = w.around("slice", func() error {
		raw, ok := w.stored[id]
		if !ok {
			return pdx.ErrNotFound
		}
		slice, err = sliceOf(raw, id, i)
		return err
	})
	return slice, err
}

func sliceOf(raw []byte, id pdx.ContentID, i uint64) ([]byte, error) {
	tree := make(memory, bao.TreeSize(uint64(len(raw))))
	builder := bao.NewBuilder(tree)
	if _, err := builder.Write(raw); err != nil {
		return nil, err
	}
	if _, _, err := builder.Finish(); err != nil {
		return nil, err
	}
	var slice bytes.Buffer
	err := bao.WriteSlice(&slice, id, uint64(len(raw)), bytes.NewReader(tree), bytes.NewReader(raw), bao.Range{First: i, Count: 1})
	return slice.Bytes(), err
}

// memory is a tree file of known length.
type memory []byte

func (m memory) WriteAt(p []byte, at int64) (int, error) { return copy(m[at:], p), nil }

// Follow reads what Fetch stored.
func (w *world) Follow(
	ctx context.Context, from validator.Source, id pdx.ContentID, size uint64, progress func(held, total uint64), read func(io.Reader),
) error {
	if err := w.Fetch(ctx, from, id, size, progress); err != nil {
		return err
	}
	r, err := w.Open(ctx, id)
	if err != nil {
		r = io.NopCloser(iotest.ErrReader(err))
	}
	defer r.Close()
	read(r)
	return nil
}

func (w *world) Fetch(ctx context.Context, from validator.Source, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	w.mu.Lock()
	block := w.block
	w.mu.Unlock()
	if block != nil {
		if err := block(ctx); err != nil {
			return err
		}
	}
	return w.around("fetch", func() error {
		if _, ok := w.stored[id]; ok {
			return nil
		}
		raw, ok := w.remote[from.Account][id]
		if !ok {
			return fmt.Errorf("%w: %s has no %v", pdx.ErrUnavailable, from.Account, id)
		}
		if size != 0 && size != uint64(len(raw)) {
			return pdx.ErrCorrupt
		}
		for n := 0; n < len(raw); n += 1 << 16 {
			progress(uint64(n), uint64(len(raw)))
		}
		w.stored[id] = slices.Clone(raw)
		w.fetched[id]++
		return nil
	})
}

func (w *world) Pool(_ context.Context, id pdx.PoolID) (p pdx.Pool, err error) {
	err = w.around("pool", func() error {
		var ok bool
		if p, ok = w.pools[id]; !ok {
			return pdx.ErrNotFound
		}
		return nil
	})
	return p, err
}

func (w *world) TagKeys(_ context.Context, id pdx.PoolID) (keys [][]byte, err error) {
	err = w.around("tag keys", func() error { keys = w.tagKeys[id]; return nil })
	return keys, err
}

// Pool proves what is on the chain.
func (p prover) Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error) {
	return p.world.Pool(ctx, id)
}

func (w *world) Put(_ context.Context, content []byte) (id pdx.ContentID, err error) {
	err = w.around("put", func() error {
		id = blake3.Sum256(content)
		w.stored[id] = slices.Clone(content)
		return nil
	})
	return id, err
}

func (w *world) Open(_ context.Context, id pdx.ContentID) (r io.ReadCloser, err error) {
	err = w.around("open", func() error {
		raw, ok := w.stored[id]
		if !ok {
			return pdx.ErrNotFound
		}
		r = readAnywhere{bytes.NewReader(raw)}
		return nil
	})
	return r, err
}

func (w *world) Delete(_ context.Context, id pdx.ContentID) error {
	return w.around("delete", func() error { delete(w.stored, id); return nil })
}

func (w *world) Check(_ context.Context, id pdx.ContentID) error {
	return w.around("check", func() error {
		if _, ok := w.stored[id]; !ok {
			return pdx.ErrNotFound
		}
		return nil
	})
}

func (w *world) Discard(_ context.Context, id pdx.ContentID) error {
	return w.around("discard", func() error { delete(w.stored, id); return nil })
}

func (w *world) set(d pdx.Deal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deals[d.ID] = d
}

func (w *world) deal(id pdx.DealID) pdx.Deal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deals[id]
}

func (w *world) has(id pdx.ContentID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.stored[id]
	return ok
}

// offer seals records, offers them and returns the request to check them.
func (w *world) offer(id pdx.DealID, records string) validator.Request {
	w.t.Helper()
	key, err := seal.NewSeed().Dataset([32]byte{byte(id), byte(id >> 8), 7})
	require.NoError(w.t, err)
	var ciphertext bytes.Buffer
	facts, err := key.Seal(&ciphertext, strings.NewReader(records), pdx.AES256GCM)
	require.NoError(w.t, err)
	root := pdx.ContentID(blake3.Sum256(ciphertext.Bytes()))
	w.mu.Lock()
	w.remote[seller][root] = ciphertext.Bytes()
	w.deals[id] = pdx.Deal{
		ID: id, Pool: 1, Seller: seller, Buyer: buyer, Price: 10, Criteria: criteria.IDOf(wantPatients),
		Required: 1, Validators: []pdx.Address{me}, Fields: patientFields, State: pdx.DealOffered,
		Dataset: pdx.Dataset{
			Root: root, Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM,
			Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
		},
	}
	w.mu.Unlock()
	proof, err := key.ProveOpening(attest.OpenDataset{ChainID: chainID, Deal: id, Validator: w.account}.Hash())
	require.NoError(w.t, err)
	return validator.Request{Deal: id, Asker: seller, Peer: "12D3Koo", Opening: key.Opening(), Proof: proof}
}

// start runs a validator in this world; change may adjust its configuration.
func (w *world) start(change ...func(*validator.Config)) *validator.Service {
	w.t.Helper()
	c := validator.Config{
		ChainID: chainID, Account: w.account, Ledger: w, Prover: prover{w}, Fetcher: w, Blobs: w, Vault: &w.vault, Marks: &w.marks,
		Sets: recordsets.New(&w.sets, 1<<30), Recipients: recipientsOf(w.account),
	}
	for _, f := range change {
		f(&c)
	}
	s, err := validator.New(c)
	require.NoError(w.t, err)
	require.NoError(w.t, s.Start(context.Background()))
	w.t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

// rest lets fake time pass, and the validator finish what falls due by then.
func rest(d time.Duration) {
	time.Sleep(d) // a bubble's
	synctest.Wait()
}

func quiet(pdx.Progress) {}
