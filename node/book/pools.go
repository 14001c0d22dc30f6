package book

import (
	"context"
	"errors"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// PoolsTable is the name of the table of what pools say, for lists.
const PoolsTable = "pool_texts"

// silence is for how long the chain is not asked for pools after it did not answer: a list is
// of use without their titles.
const silence = 10 * time.Second

// named is what is kept of a pool, which never changes.
type named struct {
	model.PoolText
	Price pdx.Amount
}

// Pool returns title, media type and price of a pool. They are read from the chain once; ok is
// false if that was not possible.
func (b *Book) Pool(ctx context.Context, id pdx.PoolID) (text model.PoolText, price pdx.Amount, ok bool) {
	known, err := b.pools.Get(ctx, id.String())
	if err == nil {
		return known.PoolText, known.Price, true
	}
	if !errors.Is(err, pdx.ErrNotFound) || time.Now().UnixNano() < b.silent.Load() {
		return text, 0, false
	}
	pool, err := b.Ledger.Pool(ctx, id)
	if err != nil {
		b.silent.Store(time.Now().Add(silence).UnixNano())
		return text, 0, false
	}
	known = named{model.PoolText{Title: pool.Title, MediaType: pool.MediaType}, pool.Price}
	_ = b.pools.Put(ctx, id.String(), known) // it is read again if this fails
	return known.PoolText, known.Price, true
}
