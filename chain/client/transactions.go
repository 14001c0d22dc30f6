package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	coretypes "github.com/cometbft/cometbft/rpc/core/types"

	"github.com/medibloc/pdx"
)

// dealEvents are the events of a deal that name a step or a certificate, and come in
// transactions.
var dealEvents = []string{"EventDealState", "EventCertificate"}

// maxDealTransactions bounds what is read of one deal: its steps, and a certificate of each of
// at most 64 validators.
const maxDealTransactions = 100

// Transactions returns the transactions of a deal that an endpoint has in its index, in the
// order of the chain. A step that the chain took by itself, at a deadline, has none. The
// answer is not proven: it is for people. It returns pdx.ErrUnavailable if no endpoint
// answers, which is also so where none keeps an index.
func (c *Client) Transactions(ctx context.Context, deal pdx.DealID) ([]pdx.Transaction, error) {
	var found []pdx.Transaction
	for _, kind := range dealEvents {
		some, err := try(ctx, c.ends, func(e *endpoint) ([]pdx.Transaction, error) { return e.transactions(ctx, kind, deal) })
		if err != nil {
			return nil, err
		}
		for _, tx := range some { // one may have events of both kinds
			if !slices.ContainsFunc(found, func(t pdx.Transaction) bool { return t.Hash == tx.Hash }) {
				found = append(found, tx)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b pdx.Transaction) int { return int(a.Height - b.Height) })
	return found, nil
}

func (e *endpoint) transactions(ctx context.Context, kind string, deal pdx.DealID) ([]pdx.Transaction, error) {
	what := fmt.Sprintf("transactions of deal %d", deal)
	query := fmt.Sprintf(`%s%s.deal_id='"%d"'`, eventPrefix, kind, deal) // numbers are quoted in events
	page, each := 1, maxDealTransactions
	res, err := e.rpc.TxSearch(ctx, query, false, &page, &each, "asc")
	if err != nil {
		return nil, unreachable(what, err)
	}
	var list []pdx.Transaction
	for _, tx := range res.Txs {
		if tx == nil {
			return nil, fmt.Errorf("%s: %w: one of them is missing", what, pdx.ErrCorrupt)
		}
		events, err := eventsOf(tx, deal)
		if err != nil {
			return nil, err
		}
		if len(events) > 0 {
			list = append(list, pdx.Transaction{Hash: strings.ToUpper(tx.Hash.String()), Height: tx.Height, Events: events})
		}
	}
	return list, nil
}

// eventsOf returns what a transaction did to a deal.
func eventsOf(tx *coretypes.ResultTx, deal pdx.DealID) ([]pdx.Event, error) {
	block, err := parseBlock(pdx.Head{Height: tx.Height}, tx.TxResult.Events)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(block.Events, func(e pdx.Event) bool { return e.Deal != deal }), nil
}
