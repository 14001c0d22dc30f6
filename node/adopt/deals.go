package adopt

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// Ledger lists deals.
type Ledger interface {
	// Deals reads a page of deals and the cursor of the next, "" at the end.
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
}

// Marks remembers where a list of deals is read from. A call that returned nil is
// durable.
type Marks interface {
	Put(ctx context.Context, key, cursor string) error
	// Get is pdx.ErrNotFound if there is none.
	Get(ctx context.Context, key string) (cursor string, err error)
}

// Deals reads the deals that f selects, oldest first, and calls visit for each. It
// begins at the mark of that name and moves it to the page with the first deal
// that has not ended. A mark that the chain does not take any more is dropped;
// without marks all deals are read.
func Deals(ctx context.Context, l Ledger, marks Marks, name string, f pdx.DealFilter, visit func(pdx.Deal) error) error {
	return Unsettled(ctx, l, marks, name, f, func(d pdx.Deal) (bool, error) { return d.State.Ended(), visit(d) })
}

// Unsettled is Deals with a mark at the page of the first deal of which visit says that it
// is not settled: there is something to do for it, or will be.
func Unsettled(
	ctx context.Context, l Ledger, marks Marks, name string, f pdx.DealFilter, visit func(pdx.Deal) (settled bool, err error),
) error {
	if marks == nil {
		_, err := pages(ctx, l, f, "", visit)
		return err
	}
	from, err := marks.Get(ctx, name)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return fmt.Errorf("read mark %s: %w", name, err)
	}
	to, err := pages(ctx, l, f, from, visit)
	if errors.Is(err, pdx.ErrInvalid) && from != "" {
		from = ""
		to, err = pages(ctx, l, f, from, visit)
	}
	if err != nil || to == from {
		return err
	}
	if err := marks.Put(ctx, name, to); err != nil {
		return fmt.Errorf("write mark %s: %w", name, err)
	}
	return nil
}

// pages reads all pages from one on, and returns the cursor of the first with a
// deal that is not settled, or of the last page.
func pages(
	ctx context.Context, l Ledger, f pdx.DealFilter, from string, visit func(pdx.Deal) (settled bool, err error),
) (mark string, err error) {
	f.Limit, f.Cursor, mark = page, from, from
	for settled := true; ; {
		deals, next, err := l.Deals(ctx, f)
		if err != nil {
			return "", err
		}
		for _, d := range deals {
			over, err := visit(d)
			if err != nil {
				return "", err
			}
			settled = settled && over
		}
		if next == "" {
			return mark, nil
		}
		if f.Cursor = next; settled {
			mark = next
		}
	}
}
