package validator

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/medibloc/pdx"
)

// records hold the vault and an index of it in memory. They are the only ones
// that write the vault, so both always agree. What a peer or an event on chain
// can ask is answered from the index, whose size is that of the node's own
// records and of nothing that a stranger sends.
type records struct {
	vault Vault

	writing sync.Mutex // from a write of the vault to that of the index
	mu      sync.RWMutex
	loaded  bool
	deals   map[pdx.DealID]Record // without findings
	roots   map[pdx.ContentID]map[pdx.DealID]struct{}
	uses    map[pdx.ContentID]int    // of a document: records that name it
	sizes   map[pdx.ContentID]uint64 // of a document, in bytes, where it is known
	stored  uint64                   // bytes of documents
	coming  uint64                   // bytes that documents on their way may have
	kept    uint64                   // bytes of ciphertext
	buyers  map[pdx.Address]int      // of a buyer: records whose ciphertext is kept
	unsure  map[pdx.DealID]struct{}
}

func newRecords(vault Vault) *records {
	return &records{
		vault: vault, deals: map[pdx.DealID]Record{}, roots: map[pdx.ContentID]map[pdx.DealID]struct{}{},
		uses: map[pdx.ContentID]int{}, sizes: map[pdx.ContentID]uint64{}, buyers: map[pdx.Address]int{}, unsure: map[pdx.DealID]struct{}{},
	}
}

// errNotLoaded: the service was not started yet, or its records cannot be read.
var errNotLoaded = fmt.Errorf("%w: this validator has not read its records yet; ask again later", pdx.ErrUnavailable)

// load reads the whole vault, once: when the service starts, and again after a
// failure.
func (r *records) load(ctx context.Context) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	return r.fill(ctx)
}

// fill needs r.writing.
func (r *records) fill(ctx context.Context) error {
	if r.isLoaded() {
		return nil
	}
	all, err := r.vault.All(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, record := range all {
		r.set(record)
	}
	r.loaded = true
	return nil
}

func (r *records) isLoaded() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.loaded
}

// put writes a record to the vault, then to the index.
func (r *records) put(ctx context.Context, record Record) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	return r.write(ctx, record)
}

// putShown is put of what the chain shows. That is so whether the vault can take
// it or not, so after a failure the index is ahead of the vault: what was promised
// is served from a full disk, too.
func (r *records) putShown(ctx context.Context, record Record) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	err := r.write(ctx, record)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.set(record)
	}
	return err
}

// putWithin is put, unless the ciphertexts that are kept would then have more
// than most bytes; that is ErrNoRoom.
func (r *records) putWithin(ctx context.Context, record Record, most uint64) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	if !r.isLoaded() { // what is kept is not known
		return errNotLoaded
	}
	r.mu.RLock()
	kept := r.kept
	if old, ok := r.deals[record.Deal]; ok && old.keeps() {
		kept -= old.Size
	}
	r.mu.RUnlock()
	if record.Size > most || kept > most-record.Size {
		return ErrNoRoom
	}
	return r.write(ctx, record)
}

// expect keeps space for a document that is to be fetched, until done is called; ErrNoRoom
// if all documents would then have more than most bytes.
func (r *records) expect(most uint64) (done func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.loaded {
		return nil, errNotLoaded
	}
	if r.stored+r.coming+maxDocument > most {
		return nil, ErrNoRoom
	}
	r.coming += maxDocument
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.coming -= maxDocument
	}, nil
}

// write needs r.writing.
func (r *records) write(ctx context.Context, record Record) error {
	if err := r.vault.Put(ctx, record.Deal.String(), record); err != nil {
		r.reread(context.WithoutCancel(ctx), record.Deal)
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set(record)
	return nil
}

// delete removes a record from the vault, then from the index.
func (r *records) delete(ctx context.Context, deal pdx.DealID) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	if err := r.vault.Delete(ctx, deal.String()); err != nil {
		r.reread(context.WithoutCancel(ctx), deal)
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(deal)
	return nil
}

// reread brings the index to what the vault holds after a write that failed,
// which may still have reached the disk. It needs r.writing. If the vault cannot
// be read either, settle tries again.
func (r *records) reread(ctx context.Context, deal pdx.DealID) {
	record, err := r.vault.Get(ctx, deal.String())
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.unsure, deal)
	switch {
	case err == nil:
		r.set(record)
	case errors.Is(err, pdx.ErrNotFound):
		r.drop(deal)
	default:
		r.unsure[deal] = struct{}{}
	}
}

// settle rereads the records whose last write failed without a known outcome,
// and the whole vault if it could not be read before.
func (r *records) settle(ctx context.Context) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	if err := r.fill(ctx); err != nil {
		return err
	}
	r.mu.RLock()
	unsure := make([]pdx.DealID, 0, len(r.unsure))
	for deal := range r.unsure {
		unsure = append(unsure, deal)
	}
	r.mu.RUnlock()
	for _, deal := range unsure {
		r.reread(ctx, deal)
	}
	return nil
}

// set puts a record into the index; the caller holds r.mu.
func (r *records) set(record Record) {
	r.drop(record.Deal)
	if record.Verdict != nil {
		verdict := *record.Verdict
		verdict.Findings = nil // nobody asks the index for them
		record.Verdict = &verdict
	}
	r.deals[record.Deal] = record
	if r.roots[record.Root] == nil {
		r.roots[record.Root] = map[pdx.DealID]struct{}{}
	}
	r.roots[record.Root][record.Deal] = struct{}{}
	for i, id := range record.Documents {
		r.uses[id]++
		if i < len(record.Sizes) && record.Sizes[i] > r.sizes[id] {
			r.stored += record.Sizes[i] - r.sizes[id]
			r.sizes[id] = record.Sizes[i]
		}
	}
	if record.keeps() {
		r.kept += record.Size
		r.buyers[record.Buyer]++
	}
}

// drop takes a record out of the index; the caller holds r.mu.
func (r *records) drop(deal pdx.DealID) {
	old, ok := r.deals[deal]
	if !ok {
		return
	}
	delete(r.deals, deal)
	if delete(r.roots[old.Root], deal); len(r.roots[old.Root]) == 0 {
		delete(r.roots, old.Root)
	}
	for _, id := range old.Documents {
		if r.uses[id]--; r.uses[id] == 0 {
			delete(r.uses, id)
			r.stored -= r.sizes[id]
			delete(r.sizes, id)
		}
	}
	if old.keeps() {
		r.kept -= old.Size
		if r.buyers[old.Buyer]--; r.buyers[old.Buyer] == 0 {
			delete(r.buyers, old.Buyer)
		}
	}
}
