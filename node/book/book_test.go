package book_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/node/book"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

const me = pdx.Address("panacea1me")

type ledger struct {
	deals   map[pdx.DealID]pdx.Deal
	offline bool
	read    int
}

func (l *ledger) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	l.read++
	d, ok := l.deals[id]
	switch {
	case l.offline:
		return d, pdx.ErrUnavailable
	case !ok:
		return d, pdx.ErrNotFound
	}
	return d, nil
}

func (l *ledger) Pool(_ context.Context, id pdx.PoolID) (pdx.Pool, error) {
	if l.offline {
		return pdx.Pool{}, pdx.ErrUnavailable
	}
	return pdx.Pool{ID: id, Title: fmt.Sprintf("Pool %d", id), Price: 10}, nil
}

// deals are one that this account sold, one that it bought, and one that it judged.
func deals() map[pdx.DealID]pdx.Deal {
	return map[pdx.DealID]pdx.Deal{
		7:  {ID: 7, Pool: 1, Seller: me, Buyer: "panacea1buyer", State: pdx.DealFinal, Price: 10},
		8:  {ID: 8, Pool: 2, Seller: "panacea1seller", Buyer: me, State: pdx.DealFraud, Price: 10},
		10: {ID: 10, Pool: 3, Seller: "panacea1seller", Buyer: "panacea1buyer", State: pdx.DealFinal, Price: 10, Reward: 4},
		11: {ID: 11, Pool: 3, Seller: "panacea1seller", Buyer: "panacea1buyer", State: pdx.DealLapsed, Price: 10, Reward: 4},
	}
}

func open(t *testing.T, path string, l *ledger) *book.Book {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, store.Schema{book.Table: {book.Index}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	b, err := book.New(book.Config{Account: me, DB: db, Ledger: l})
	require.NoError(t, err)
	return b
}

func block(height int64, at string, movements ...client.Movement) client.Block {
	when, err := time.Parse(time.DateTime, at)
	if err != nil {
		panic(err)
	}
	return client.Block{Head: pdx.Head{Height: height, Time: when}, Movements: movements}
}

func of(kind client.MovementKind, amount pdx.Amount, deals ...pdx.DealID) client.Movement {
	return client.Movement{Kind: kind, Deals: deals, Amount: amount}
}

func list(t *testing.T, b *book.Book, by model.Period, p model.Page) model.Earnings {
	t.Helper()
	if p.Limit == 0 {
		p.Limit = 100
	}
	e, err := b.List(t.Context(), by, p)
	require.NoError(t, err)
	return e
}

func keys(e model.Earnings) (all []string) {
	for _, row := range e.List {
		all = append(all, row.Key)
	}
	return all
}

func TestSums(t *testing.T) {
	l := &ledger{deals: deals()}
	b := open(t, filepath.Join(t.TempDir(), "node.db"), l)
	blocks := []client.Block{
		block(3, "2026-11-29 23:59:59"), // since when the book is kept
		block(5, "2026-11-30 00:00:00", of(client.FeePaid, 5, 7), of(client.PaidIn, 100, 7)),
		block(6, "2026-11-30 23:00:00", of(client.FeePaid, 5, 8, 10, 7), of(client.FeePaid, 3)),
		block(9, "2026-12-01 01:00:00", of(client.Credited, 9, 7), of(client.Credited, 100, 7), of(client.Credited, 12, 8),
			of(client.Credited, 6, 10), of(client.Credited, 2, 11), of(client.Credited, 50), of(client.Slashed, 1, 11)),
	}
	for _, block := range blocks {
		require.NoError(t, b.Record(t.Context(), block))
		require.NoError(t, b.Record(t.Context(), block), "as after a crash")
	}
	require.NoError(t, b.Record(t.Context(), blocks[1]), "an old block")

	days := list(t, b, model.ByDay, model.Page{})
	require.Equal(t, []string{"2026-11-30", "2026-12-01"}, keys(days))
	require.Equal(t, model.Money{Fees: 13, Paid: 100}, days.List[0].Money)
	require.Equal(t, model.Money{Price: 109, Refunds: 62, Rewards: 6, Commission: 2, Slashed: 1}, days.List[1].Money)
	require.Equal(t, days.List[0].Money.Add(days.List[1].Money), days.Total)
	require.EqualValues(t, 3, days.Since)
	require.EqualValues(t, 9, days.Last)
	require.Equal(t, []string{"2026-12", "2026-11"}, keys(list(t, b, model.ByMonth, model.Page{Reverse: true})))

	byDeal := list(t, b, model.ByDeal, model.Page{})
	require.Equal(t, []string{"7", "8", "10", "11"}, keys(byDeal), "by number")
	sold, bought, judged := byDeal.List[0], byDeal.List[1], byDeal.List[2]
	require.Equal(t, model.Money{Fees: 6, Paid: 100, Price: 109}, sold.Money)
	require.Equal(t, "3", sold.Money.Net())
	require.Equal(t, []any{pdx.RoleSeller, pdx.Address("panacea1buyer"), "Pool 1", pdx.DealFinal},
		[]any{sold.Role, sold.Partner, sold.Title, sold.State})
	require.Equal(t, model.Money{Fees: 3, Refunds: 12}, bought.Money, "the first of several bears what does not divide")
	require.Equal(t, pdx.RoleBuyer, bought.Role)
	require.Equal(t, model.Money{Fees: 1, Rewards: 4, Commission: 2}, judged.Money)
	require.Equal(t, pdx.RoleValidator, judged.Role)
	require.Equal(t, model.Money{Rewards: 2, Slashed: 1}, byDeal.List[3].Money)
	money, err := b.Of(t.Context(), 7)
	require.NoError(t, err)
	require.Equal(t, sold.Money, money)

	read := l.read
	l.offline = true
	again := list(t, b, model.ByDeal, model.Page{})
	require.Equal(t, byDeal.List, again.List, "what has ended is not read again")
	require.Equal(t, read, l.read)
}

// TestPages go through all rows of a period, in both directions, and no others.
func TestPages(t *testing.T) {
	b := open(t, filepath.Join(t.TempDir(), "node.db"), &ledger{deals: deals()})
	for i := range 5 {
		require.NoError(t, b.Record(t.Context(), block(int64(i+1), fmt.Sprintf("2026-11-%02d 00:00:00", i+1), of(client.FeePaid, 1, 7))))
	}
	for _, reverse := range []bool{false, true} {
		var got []string
		for cursor := ""; ; {
			e := list(t, b, model.ByDay, model.Page{Limit: 2, Cursor: cursor, Reverse: reverse})
			got = append(got, keys(e)...)
			if cursor = e.Next; cursor == "" {
				break
			}
		}
		want := []string{"2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"}
		if reverse {
			want = []string{"2026-11-05", "2026-11-04", "2026-11-03", "2026-11-02", "2026-11-01"}
		}
		require.Equal(t, want, got)
	}
	_, err := b.List(t.Context(), "year", model.Page{Limit: 1})
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

// TestRestart: nothing is lost, nothing counts twice, and what was missed is said.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	l := &ledger{deals: deals()}
	first := block(4, "2026-11-30 00:00:00", of(client.FeePaid, 5, 7))
	b := open(t, path, l)
	require.NoError(t, b.Missed(t.Context(), 1, 3), "before the first block nothing is missed")
	require.NoError(t, b.Record(t.Context(), first))

	l.offline = true
	late := block(5, "2026-11-30 00:00:06", of(client.Credited, 9, 7))
	require.ErrorIs(t, b.Record(t.Context(), late), pdx.ErrUnavailable, "tried again when the deal can be read")
	l.offline = false

	b = open(t, path, l)
	require.NoError(t, b.Record(t.Context(), first))
	require.NoError(t, b.Record(t.Context(), late))
	require.NoError(t, b.Missed(t.Context(), 6, 15))
	require.NoError(t, b.Missed(t.Context(), 6, 15), "noted once")
	require.NoError(t, b.Missed(t.Context(), 6, 20))
	e := list(t, b, model.ByDay, model.Page{})
	require.Equal(t, model.Money{Fees: 5, Price: 9}, e.Total)
	require.EqualValues(t, 15, e.Missed)
}

func TestPoolsAreReadOnce(t *testing.T) {
	l := &ledger{}
	b := open(t, filepath.Join(t.TempDir(), "node.db"), l)
	text, price, ok := b.Pool(t.Context(), 3)
	require.True(t, ok)
	require.Equal(t, "Pool 3", text.Title)
	require.EqualValues(t, 10, price)
	l.offline = true
	_, _, ok = b.Pool(t.Context(), 3)
	require.True(t, ok)
	_, _, ok = b.Pool(t.Context(), 4)
	require.False(t, ok)
}

func TestNet(t *testing.T) {
	require.Equal(t, "0", model.Money{}.Net())
	require.Equal(t, "-18446744073709551615", model.Money{Fees: 1<<64 - 1}.Net())
	require.Equal(t, "-1", model.Money{Fees: 1, Paid: 2, Price: 1, Refunds: 1}.Net())
	require.Equal(t, "4", model.Money{Commission: 2, Rewards: 2}.Net())
}
