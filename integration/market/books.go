package market

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/fleet"
)

// Books are what everybody has at one height, to be compared with later.
type Books struct {
	fleet.Money
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
	then := fleet.AtHeight(ctx, b.Height)
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
func (m *Market) Balanced(before Books, gains map[*fleet.Member]int64) {
	m.T.Helper()
	m.Until(Patience, "the books balance", func(ctx context.Context) error {
		now, err := m.books(ctx)
		if err != nil {
			return err
		}
		fees, err := m.fees(ctx, before.Height, now.Height)
		if err != nil {
			return err
		}
		for _, n := range m.Fleet.Members() {
			if got := now.worth[n.Account] - before.worth[n.Account] + int64(fees[n.Account]); got != gains[n] {
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

func (b Books) same(now fleet.Money) error {
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

// Transactions are those of the blocks after one height up to another, in order.
func (m *Market) Transactions(ctx context.Context, after, to int64) ([]*coretypes.ResultTx, error) {
	rpc, err := rpchttp.New(m.Fleet.Endpoints().RPC, "/websocket")
	if err != nil {
		return nil, err
	}
	perPage := 100
	var all []*coretypes.ResultTx
	for page := 1; ; page++ {
		res, err := rpc.TxSearch(ctx, fmt.Sprintf("tx.height > %d AND tx.height <= %d", after, to), false, &page, &perPage, "asc")
		if err != nil {
			return nil, err
		}
		if all = append(all, res.Txs...); len(all) >= res.TotalCount {
			return all, nil
		}
	}
}

// fees are what each account paid for its transactions, failed ones too.
func (m *Market) fees(ctx context.Context, after, to int64) (map[pdx.Address]pdx.Amount, error) {
	txs, err := m.Transactions(ctx, after, to)
	if err != nil {
		return nil, err
	}
	fees := map[pdx.Address]pdx.Amount{}
	for _, tx := range txs {
		payer := attribute(tx.TxResult.Events, "fee_payer")
		fee, err := strconv.ParseUint(strings.TrimSuffix(attribute(tx.TxResult.Events, "fee"), pdx.Denom), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("fee of transaction %s: %w", tx.Hash, err)
		}
		fees[pdx.Address(payer)] += pdx.Amount(fee)
	}
	return fees, nil
}

// attribute is the first of that name among the events of type tx.
func attribute(events []abci.Event, name string) string {
	for _, e := range events {
		for _, a := range e.Attributes {
			if e.Type == "tx" && a.Key == name {
				return a.Value
			}
		}
	}
	return ""
}
