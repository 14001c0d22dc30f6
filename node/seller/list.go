package seller

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// ListSales lists a page of all sales, oldest first, and the cursor of the next page, ""
// at the end.
func (s *Service) ListSales(ctx context.Context, p model.Page) (list []model.Sale, next string, err error) {
	list, next, err = s.sales.Page(ctx, store.Query{Field: "Created", Limit: p.Limit, Reverse: p.Reverse}, p.Cursor)
	for i, sale := range list {
		if now, ok := s.feed.sales.Get(sale.ID); ok { // with what is not stored
			sale = now
		}
		list[i] = s.located(sale)
	}
	return list, next, err
}

// DataName returns the name of registered data, "" if it was removed.
func (s *Service) DataName(ctx context.Context, id string) (string, error) {
	d, err := s.data.Get(ctx, id)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		return "", nil
	}
	return d.Name, err
}

// saleBy returns the sale whose indexed field has a value: one in progress, else one that
// is settled. pdx.ErrNotFound if there is none.
func saleBy[T comparable](ctx context.Context, s *Service, inProgress saleIndex[T], field string, value T) (model.Sale, error) {
	if sale, ok := inProgress.First(value); ok {
		return sale, nil
	}
	settled, err := s.sales.Find(ctx, field, value)
	if err == nil && len(settled) == 0 {
		err = fmt.Errorf("sale: %w", pdx.ErrNotFound)
	}
	if err != nil {
		return model.Sale{}, err
	}
	return settled[0], nil
}
