package market

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"

	"github.com/medibloc/pdx"
)

// A Transaction is one in a block, successful or not.
type Transaction struct {
	Height int64
	Raw    []byte
	Payer  pdx.Address
	Fee    int64 // in umed
}

// Transactions returns those of the blocks after one height up to another, in order.
// They are read block by block: an index of them might not survive a kill.
func (m *Market) Transactions(ctx context.Context, after, to int64) ([]Transaction, error) {
	return TransactionsOf(ctx, m.Fleet.Observed().RPC, after, to)
}

// TransactionsOf returns the transactions in the blocks from height after+1 to height to of
// the chain behind an RPC address, in their order.
func TransactionsOf(ctx context.Context, address string, after, to int64) ([]Transaction, error) {
	rpc, err := rpchttp.New(address, "/websocket")
	if err != nil {
		return nil, err
	}
	var all []Transaction
	for height := after + 1; height <= to; height++ {
		some, err := transactionsOf(ctx, rpc, height)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func transactionsOf(ctx context.Context, rpc *rpchttp.HTTP, height int64) ([]Transaction, error) {
	results, err := rpc.BlockResults(ctx, &height)
	if err != nil || len(results.TxsResults) == 0 {
		return nil, err
	}
	block, err := rpc.Block(ctx, &height)
	if err != nil {
		return nil, err
	}
	var all []Transaction
	for i, res := range results.TxsResults {
		fee, err := strconv.ParseInt(strings.TrimSuffix(attribute(res.Events, "fee"), pdx.Denom), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("fee of transaction %d of block %d: %w", i, height, err)
		}
		all = append(all, Transaction{
			Height: height, Raw: block.Block.Txs[i], Payer: pdx.Address(attribute(res.Events, "fee_payer")), Fee: fee,
		})
	}
	return all, nil
}

// attribute returns the first of that name among the events of type tx.
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
