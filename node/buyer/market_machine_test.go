package buyer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/node/buyer"
)

func (w *world) Sources(_ context.Context, d pdx.Deal) (found []buyer.Source, err error) {
	err = w.around("sources", func() error {
		if w.offline {
			return nil
		}
		found = []buyer.Source{{Account: "panacea1stranger"}, {Account: loafer}, {Account: helper}, {Account: d.Seller}}
		return nil
	})
	return found, err
}

// Fetch asks one source after the other, and waits for none that stalls while
// there is another.
func (w *world) Fetch(ctx context.Context, from buyer.Sources, id pdx.ContentID, size uint64, progress func(held, total uint64)) error {
	sources, err := from(ctx)
	for i, source := range sources {
		if err = w.fetch(ctx, source, i == len(sources)-1, id, size, progress); err == nil || !errors.Is(err, pdx.ErrNotFound) {
			return err
		}
	}
	return err
}

func (w *world) fetch(
	ctx context.Context, from buyer.Source, last bool, id pdx.ContentID, size uint64, progress func(held, total uint64),
) error {
	return w.around("fetch", func() error {
		w.asked = append(w.asked, from.Account)
		if w.stalls[from.Account] && !last {
			return fmt.Errorf("%w: not now", pdx.ErrNotFound)
		}
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

// FetchMany asks one source for all of them. One that stalls or drips sends what it
// has, and then nothing more.
func (w *world) FetchMany(ctx context.Context, from buyer.Source, ids []pdx.ContentID, progress func()) map[pdx.ContentID]error {
	failed := map[pdx.ContentID]error{}
	err := w.around("fetch many", func() error {
		w.many = append(w.many, len(ids))
		if w.unbatched {
			return pdx.ErrUnavailable
		}
		stuck := false
		for _, id := range ids {
			raw, ok := w.remote[from.Account][id]
			switch {
			case w.stalls[from.Account] || w.dripping(id):
				failed[id], stuck = context.Canceled, true
			case !ok:
				failed[id] = pdx.ErrNotFound
			default:
				w.stored[id] = slices.Clone(raw)
			}
		}
		w.mu.Unlock()
		defer w.mu.Lock()
		progress()
		if stuck {
			<-ctx.Done()
		}
		return nil
	})
	if err != nil {
		for _, id := range ids {
			failed[id] = err
		}
	}
	return failed
}

// dripping reports whether a blob is one that drips; mu is held.
func (w *world) dripping(id pdx.ContentID) bool {
	for d := range w.drips {
		if w.deals[d].Dataset.Root == id {
			return true
		}
	}
	return false
}

// Hand takes a voucher as a seller does, and delivers on it if it is prompt.
func (w *world) Hand(_ context.Context, d pdx.Deal, v pdx.AckVoucher) error {
	return w.around("hand", func() error {
		if w.rejects != nil {
			return w.rejects
		}
		if err := attest.SignedAckOf(chainID, d, v).Verify(); err != nil {
			return err
		}
		w.handed[d.ID] = append(w.handed[d.ID], v)
		if now := w.deals[d.ID]; w.redeems && now.State == pdx.DealCertified {
			w.enter(d.ID, pdx.DealAcked)
			now = w.deals[d.ID]
			now.AckHeight = v.AckHeight
			w.deals[d.ID] = now
			w.deliver(d.ID)
		}
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

func (w *world) Slice(_ context.Context, id pdx.ContentID, i uint64) (slice []byte, err error) {
	err = w.around("slice", func() error {
		raw, ok := w.stored[id]
		if !ok {
			return pdx.ErrNotFound
		}
		slice, err = sliceOf(id, raw, i)
		return err
	})
	return slice, err
}

// sliceOf cuts evidence as a blob store does: what is not under id is pdx.ErrCorrupt.
func sliceOf(id pdx.ContentID, raw []byte, i uint64) ([]byte, error) {
	size := uint64(len(raw))
	tree := make(tree, bao.TreeSize(size))
	b := bao.NewBuilder(tree)
	_, _ = b.Write(raw)
	if _, _, err := b.Finish(); err != nil {
		return nil, err
	}
	var slice bytes.Buffer
	err := bao.WriteSlice(&slice, id, size, bytes.NewReader(tree), bytes.NewReader(raw), bao.Range{First: i, Count: 1})
	return slice.Bytes(), err
}

// tree is a tree file of known length.
type tree []byte

func (m tree) WriteAt(p []byte, at int64) (int, error) { return copy(m[at:], p), nil }

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

func (w *world) Discard(_ context.Context, id pdx.ContentID) error {
	return w.around("discard", func() error { delete(w.stored, id); delete(w.partial, id); return nil })
}

// The buyer in it.
