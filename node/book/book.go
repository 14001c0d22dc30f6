package book

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// Table is the name of the table of sums, and Index the field by which they are found.
const (
	Table = "money"
	Index = "By"
)

// Ledger reads what a movement is about.
type Ledger interface {
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
}

// Config is what a Book works with; all must be given.
type Config struct {
	Account pdx.Address
	DB      *store.DB // with the index of Index on Table
	Ledger  Ledger
}

// Book is the sums of one account. It is safe for concurrent use.
type Book struct {
	Config
	sums   *store.Table[row]
	pools  *store.Table[named]
	silent atomic.Int64 // until when the chain is not asked for pools, in nanoseconds since 1970
}

// row is a sum, or the position of the book.
type row struct {
	By string // a period, or "all"
	model.Earning
	// The rest is of the sum of all: the first block on record, the last one in which money
	// moved, how many were not read, and the last of those.
	Since, Last, Missed, MissedTo int64 `json:",omitempty"`
}

// all is the key of the sum of all, and its By.
const all = "all"

// New returns a Book.
func New(c Config) (*Book, error) {
	if err := need.All(c); err != nil {
		return nil, fmt.Errorf("book: %w", err)
	}
	return &Book{Config: c, sums: store.NewTable[row](c.DB, Table), pools: store.NewTable[named](c.DB, PoolsTable)}, nil
}

// Record adds the movements of a block. A block at or below one that is on record does nothing.
func (b *Book) Record(ctx context.Context, block client.Block) error {
	moved, err := b.split(ctx, block.Movements)
	if err != nil {
		return fmt.Errorf("record money of block %d: %w", block.Head.Height, err)
	}
	at, err := b.position(ctx)
	if err != nil || len(moved) == 0 && at.Since != 0 {
		return err
	}
	err = b.DB.Change(ctx, func(tx *store.Tx) error {
		table := b.sums.In(tx)
		at, err := table.Get(ctx, all)
		if err != nil && !errors.Is(err, pdx.ErrNotFound) {
			return err
		}
		if block.Head.Height <= at.Last {
			return nil
		}
		at.By, at.Last = all, block.Head.Height
		if at.Since == 0 {
			at.Since = block.Head.Height
		}
		for key, sum := range sumsOf(moved, block.Head.Time) {
			old, err := table.Get(ctx, key)
			if err != nil && !errors.Is(err, pdx.ErrNotFound) {
				return err
			}
			if err == nil {
				old.Money = old.Money.Add(sum.Money)
				sum = old
			}
			if err := table.Put(ctx, key, sum); err != nil {
				return err
			}
		}
		for _, m := range moved {
			at.Money = at.Money.Add(m.money)
		}
		return table.Put(ctx, all, at)
	})
	if err != nil {
		return fmt.Errorf("record money of block %d: %w", block.Head.Height, err)
	}
	return nil
}

// Missed notes that the blocks from one height to another were not read, so that what moved in
// them is not on record. Blocks that were noted before count once.
func (b *Book) Missed(ctx context.Context, from, to int64) error {
	at, err := b.position(ctx)
	if err != nil || at.Since == 0 || to <= at.MissedTo {
		return err
	}
	_, err = b.sums.Update(ctx, all, func(at row) (row, error) {
		if blocks := to - max(from, at.MissedTo+1) + 1; blocks > 0 {
			at.Missed, at.MissedTo = at.Missed+blocks, to
		}
		return at, nil
	})
	return err
}

// position is the sum of all; zero before the first block.
func (b *Book) position(ctx context.Context) (row, error) {
	at, err := b.sums.Get(ctx, all)
	if errors.Is(err, pdx.ErrNotFound) {
		return row{}, nil
	}
	return at, err
}

// moved is money of at most one deal.
type moved struct {
	deal  pdx.DealID
	money model.Money
}

// split says what each movement is, and divides what several deals share: evenly, and the
// rest goes to the first.
func (b *Book) split(ctx context.Context, movements []client.Movement) (list []moved, err error) {
	for _, m := range movements {
		if m.Kind == client.Credited {
			money, err := b.credit(ctx, m)
			if err != nil {
				return nil, err
			}
			list = append(list, moved{only(m.Deals), money})
			continue
		}
		n := pdx.Amount(max(1, len(m.Deals)))
		for i := range n {
			part := m.Amount / n
			if i == 0 {
				part += m.Amount % n
			}
			var deal pdx.DealID
			if len(m.Deals) > 0 {
				deal = m.Deals[i]
			}
			list = append(list, moved{deal, spent(m.Kind, part)})
		}
	}
	return list, nil
}

func spent(kind client.MovementKind, amount pdx.Amount) (m model.Money) {
	switch kind {
	case client.FeePaid:
		m.Fees = amount
	case client.PaidIn:
		m.Paid = amount
	case client.Slashed:
		m.Slashed = amount
	}
	return m
}

// credit says for what an account received money: as seller, buyer or validator of a deal. Of
// what a validator gets, the reward of its verdict comes first.
func (b *Book) credit(ctx context.Context, m client.Movement) (model.Money, error) {
	id := only(m.Deals)
	if id == 0 {
		return model.Money{Refunds: m.Amount}, nil
	}
	deal, err := b.Ledger.Deal(ctx, id)
	switch {
	case errors.Is(err, pdx.ErrNotFound):
		return model.Money{Refunds: m.Amount}, nil
	case err != nil:
		return model.Money{}, err
	case deal.Seller == b.Account:
		return model.Money{Price: m.Amount}, nil
	case deal.Buyer == b.Account:
		return model.Money{Refunds: m.Amount}, nil
	case deal.State != pdx.DealFinal:
		return model.Money{Rewards: m.Amount}, nil
	}
	reward := min(m.Amount, deal.Reward)
	return model.Money{Rewards: reward, Commission: m.Amount - reward}, nil
}

func only(deals []pdx.DealID) pdx.DealID {
	if len(deals) == 0 {
		return 0
	}
	return deals[0]
}

// sumsOf adds up movements under each key to which they belong.
func sumsOf(list []moved, at time.Time) map[string]row {
	sums := map[string]row{}
	at = at.UTC()
	for _, m := range list {
		for _, key := range []model.Earning{
			{Key: at.Format(time.DateOnly)}, {Key: at.Format("2006-01")}, {Key: m.deal.String(), Number: m.deal},
		} {
			by := model.ByDay
			switch {
			case key.Number != 0:
				by = model.ByDeal
			case key.Key == "0":
				continue
			case len(key.Key) == len("2006-01"):
				by = model.ByMonth
			}
			name := keyOf(by, key)
			sum, ok := sums[name]
			if !ok {
				sum = row{By: string(by), Earning: key}
				sum.First = at
			}
			sum.Money = sum.Money.Add(m.money)
			sums[name] = sum
		}
	}
	return sums
}

// keyOf is the key of a sum; those of deals are in the order of their numbers.
func keyOf(by model.Period, e model.Earning) string {
	if e.Number != 0 {
		return fmt.Sprintf("%s %020d", by, e.Number)
	}
	return fmt.Sprintf("%s %s", by, e.Key)
}
