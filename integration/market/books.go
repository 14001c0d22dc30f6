package market

import (
	"context"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/procs"
)

// Books are what everybody has at one height, to be compared with later.
type Books struct {
	procs.Money
	worth map[pdx.Address]int64 // spendable and withdrawable, in umed
}

// Books opens the books.
func (m *Market) Books() Books {
	m.T.Helper()
	books, err := m.books(m.T.Context())
	m.Must(err, "count the money")
	return books
}

func (m *Market) books(ctx context.Context) (b Books, err error) {
	if b.Money, err = m.Fleet.Money(ctx); err != nil {
		return b, err
	}
	b.worth = map[pdx.Address]int64{}
	then := procs.AtHeight(ctx, b.Height)
	for _, n := range m.Fleet.Members() {
		spendable, err := m.Chain.Balance(then, n.Account)
		if err != nil {
			return b, err
		}
		withdrawable, err := m.Chain.Withdrawable(then, n.Account)
		if err != nil {
			return b, err
		}
		b.worth[n.Account] = int64(spendable) + int64(withdrawable)
	}
	return b, nil
}

// Balanced waits until each has gained or lost, since the books were opened,
// exactly what is given (in umed) beside the fees of its own transactions, and
// makes sure that no money came or went.
func (m *Market) Balanced(before Books, gains map[*procs.Member]int64) {
	m.T.Helper()
	fees, counted := map[pdx.Address]int64{}, before.Height
	m.Until(Patience, "the books balance", func(ctx context.Context) error {
		now, err := m.books(ctx)
		if err != nil {
			return err
		}
		txs, err := m.Transactions(ctx, counted, now.Height)
		if err != nil {
			return err
		}
		for counted = now.Height; len(txs) > 0; txs = txs[1:] {
			fees[txs[0].Payer] += txs[0].Fee
		}
		for _, n := range m.Fleet.Members() {
			if got := now.worth[n.Account] - before.worth[n.Account] + fees[n.Account]; got != gains[n] {
				return fmt.Errorf("%s has gained %d umed and should have gained %d", n.Name, got, gains[n])
			}
		}
		return before.same(now.Money)
	})
}

// Conserved makes sure that no money came or went since the books were opened.
func (m *Market) Conserved(before Books) {
	m.T.Helper()
	now, err := m.Fleet.Money(m.T.Context())
	m.Must(err, "count the money")
	m.Must(before.same(now), "count the money")
}

func (b Books) same(now procs.Money) error {
	if was, is := b.Sum(), now.Sum(); was != is {
		return fmt.Errorf("%w: there were %d umed at height %d and there are %d at height %d", pdx.ErrCorrupt, was, b.Height, is, now.Height)
	}
	return nil
}

// PaidOut waits until no node has as much inside the exchange as is withdrawn by
// itself.
func (m *Market) PaidOut(patience time.Duration) {
	m.T.Helper()
	const worthIt = 1_000_000
	m.Until(patience, "balances are paid out", func(ctx context.Context) error {
		for _, n := range m.Fleet.Members() {
			amount, err := m.Chain.Withdrawable(ctx, n.Account)
			if err != nil {
				return err
			}
			if amount >= worthIt {
				return fmt.Errorf("%s has %s waiting", n.Name, amount.MED())
			}
		}
		return nil
	})
}
