package seller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// damagedSales are sales in progress of whose ciphertext a segment could not be served.
// They are kept in memory: after a restart the next puller finds it out again.
type damagedSales struct {
	mu     sync.Mutex
	bySale map[string]damagedSale
}

type damagedSale struct {
	data    string // what the sale is served from directly; "" if that is a copy
	segment uint64
}

func (x *damagedSales) set(id string, d damagedSale) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.bySale == nil {
		x.bySale = map[string]damagedSale{}
	}
	x.bySale[id] = d
}

func (x *damagedSales) get(id string) (damagedSale, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	d, ok := x.bySale[id]
	return d, ok
}

func (x *damagedSales) has(id string) bool {
	_, ok := x.get(id)
	return ok
}

func (x *damagedSales) clear(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.bySale, id)
}

// hasData reports whether a damaged sale is served directly from that data.
func (x *damagedSales) hasData(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, d := range x.bySale {
		if d.data == id {
			return true
		}
	}
	return false
}

// Damaged says that a segment of a ciphertext could not be served, because its bytes, or
// those of the file that it is sealed from, are not what they were. The sale that it
// belongs to says so at once, and its ciphertext is made again if that is possible. It
// never blocks.
func (s *Service) Damaged(ctx context.Context, root pdx.ContentID, segment uint64) {
	sale, ok := s.feed.sealed.First(root)
	if !ok || sale.State.Ended() || s.damaged.has(sale.ID) {
		return
	}
	d, err := s.data.Get(ctx, sale.Data)
	direct := ""
	if err == nil && d.Path == sale.Disclosed {
		direct = d.ID
	}
	s.damaged.set(sale.ID, damagedSale{direct, segment})
	s.log.WarnContext(ctx, "the ciphertext of a sale is damaged, or the file that it is sealed from changed",
		slog.String("sale_id", sale.ID), slog.Uint64("deal_id", uint64(sale.Deal)), slog.String("path", sale.Disclosed))
	s.workers.wakeSale(sale.ID)
}

// spoilt is why a segment that could not be served still cannot.
func (s *Service) spoilt(ctx context.Context, sale model.Sale) error {
	was, ok := s.damaged.get(sale.ID)
	if !ok {
		return nil
	}
	if sale.State.Ended() {
		s.damaged.clear(sale.ID)
		return nil
	}
	_, err := s.blobs.Slice(ctx, sale.Dataset.Root, was.segment)
	switch {
	case err == nil:
		s.damaged.clear(sale.ID)
		return nil
	case was.data != "" && errors.Is(err, pdx.ErrCorrupt):
		return fmt.Errorf("%s: %w", sale.Disclosed, ErrSource)
	case errors.Is(err, pdx.ErrNotFound):
		return errGone
	}
	return err
}

// changed reports whether data is not what was added: by its size and time, and by what
// was served from it.
func (s *Service) changed(d model.Data) bool { return records.Changed(d) || s.damaged.hasData(d.ID) }
