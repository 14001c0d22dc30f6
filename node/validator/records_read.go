package validator

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/medibloc/pdx"
)

// get reads the whole record of a deal from the vault, or pdx.ErrNotFound.
func (r *records) get(ctx context.Context, deal pdx.DealID) (Record, error) {
	return r.vault.Get(ctx, deal.String())
}

// ids are the deals that have a record, in order.
func (r *records) ids() []pdx.DealID {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.deals))
}

// has reports whether a deal has a record, as far as they have been read.
func (r *records) has(deal pdx.DealID) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, ok := r.deals[deal]
	return ok
}

// mayPull reports whether the buyer is served the ciphertext with that root.
func (r *records) mayPull(buyer pdx.Address, root pdx.ContentID) (bool, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for deal := range r.roots[root] {
		if record := r.deals[deal]; record.Buyer == buyer && record.serves() {
			return true, nil
		}
	}
	if !r.loaded {
		return false, errNotLoaded
	}
	return false, nil
}

// keepsFor reports whether a record of another deal keeps the ciphertext.
func (r *records) keepsFor(other pdx.DealID, root pdx.ContentID) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for deal := range r.roots[root] {
		if deal != other && r.deals[deal].keeps() {
			return true
		}
	}
	return false
}

// documentsOf are the documents of a deal's record that no other record names.
func (r *records) documentsOf(deal pdx.DealID) (only []pdx.ContentID) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	own := map[pdx.ContentID]int{}
	for _, id := range r.deals[deal].Documents {
		own[id]++
	}
	for id, n := range own {
		if r.uses[id] == n {
			only = append(only, id)
		}
	}
	return only
}

// serving are the records, without findings, whose ciphertext is served.
func (r *records) serving() ([]Record, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if !r.loaded {
		return nil, errNotLoaded
	}
	return slices.DeleteFunc(r.sorted(), func(record Record) bool { return !record.serves() }), nil
}

// bytes is how much ciphertext is kept or on its way.
func (r *records) bytes() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.kept
}

// all are the records, without findings.
func (r *records) all() ([]Record, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if !r.loaded {
		return nil, errNotLoaded
	}
	return r.sorted(), nil
}

// sorted are the records by deal; the caller holds r.mu.
func (r *records) sorted() []Record {
	return slices.SortedFunc(maps.Values(r.deals), func(a, b Record) int { return cmp.Compare(a.Deal, b.Deal) })
}

// isKeptFor reports whether a ciphertext is kept for that buyer.
func (r *records) isKeptFor(buyer pdx.Address) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.buyers[buyer] > 0
}
