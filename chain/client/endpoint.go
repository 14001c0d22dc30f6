package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cosmos/cosmos-sdk/client"
	"google.golang.org/grpc"

	"github.com/medibloc/pdx"
)

// endpoint reads a chain over gRPC and CometBFT RPC.
type endpoint struct {
	*grpc.ClientConn
	rpc     *rpchttp.HTTP
	hangUp  func()
	txs     client.TxConfig
	chainID string
	address string // of rpc, for messages
	poll    time.Duration
}

func newEndpoint(cfg Config) (*endpoint, error) {
	cdc, txs := newCodec()
	e := &endpoint{txs: txs, chainID: cfg.ChainID, address: cfg.RPC, poll: cfg.Poll}
	var err error
	if e.rpc, e.hangUp, err = dialRPC(cfg.RPC); err != nil {
		return nil, err
	}
	if e.ClientConn, err = dialGRPC(cfg.GRPC, cdc); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *endpoint) close() error {
	e.hangUp()
	return e.ClientConn.Close()
}

// status asks for the chain's and makes sure that it is the right chain's.
func (e *endpoint) status(ctx context.Context) (*coretypes.ResultStatus, error) {
	status, err := e.rpc.Status(ctx)
	if err != nil {
		return nil, unreachable("chain status", err)
	}
	return status, e.checkChain(status.NodeInfo.Network)
}

func (e *endpoint) checkChain(id string) error {
	if id != e.chainID {
		return fmt.Errorf("%s serves chain %q, this node is set to %q: %w", e.address, id, e.chainID, pdx.ErrInvalid)
	}
	return nil
}

// Head is the last block, as the endpoint tells it.
func (e *endpoint) Head(ctx context.Context) (pdx.Head, error) {
	status, err := e.status(ctx)
	if err != nil {
		return pdx.Head{}, err
	}
	last := status.SyncInfo
	return pdx.Head{ChainID: e.chainID, Height: last.LatestBlockHeight, Time: last.LatestBlockTime.UTC()}, nil
}

// Span asks both the blocks and the state for their last height: a block is
// stored some moments before the state that it makes.
func (e *endpoint) Span(ctx context.Context) (first, last int64, err error) {
	status, err := e.status(ctx)
	if err != nil {
		return 0, 0, err
	}
	state, err := e.rpc.ABCIInfo(ctx)
	if err != nil {
		return 0, 0, unreachable("chain state", err)
	}
	return status.SyncInfo.EarliestBlockHeight, min(status.SyncInfo.LatestBlockHeight, state.Response.LastBlockHeight), nil
}

// Block reads header and results of one height.
func (e *endpoint) Block(ctx context.Context, height int64) (Block, error) {
	head, err := e.header(ctx, height)
	if err != nil {
		return Block{}, err
	}
	results, err := e.results(ctx, height)
	if err != nil {
		return Block{}, err
	}
	var events []abci.Event
	for _, tx := range results.TxsResults {
		if tx.IsOK() {
			events = append(events, tx.Events...)
		}
	}
	return parseBlock(head, append(events, results.FinalizeBlockEvents...))
}

func (e *endpoint) header(ctx context.Context, height int64) (pdx.Head, error) {
	what := fmt.Sprintf("header of block %d", height)
	res, err := e.rpc.Header(ctx, &height)
	switch {
	case err != nil:
		return pdx.Head{}, unreachable(what, err)
	case res.Header == nil:
		return pdx.Head{}, unreachable(what, errors.New("it is not there"))
	case res.Header.Height != height:
		return pdx.Head{}, fmt.Errorf("%s: %w: the chain answered with height %d", what, pdx.ErrCorrupt, res.Header.Height)
	}
	head := pdx.Head{ChainID: res.Header.ChainID, Height: height, Time: res.Header.Time.UTC()}
	return head, e.checkChain(head.ChainID)
}

func (e *endpoint) results(ctx context.Context, height int64) (*coretypes.ResultBlockResults, error) {
	what := fmt.Sprintf("results of block %d", height)
	res, err := e.rpc.BlockResults(ctx, &height)
	if err != nil {
		return nil, unreachable(what, err)
	}
	if res.Height != height {
		return nil, fmt.Errorf("%s: %w: the chain answered with height %d", what, pdx.ErrCorrupt, res.Height)
	}
	for i, tx := range res.TxsResults {
		if tx == nil {
			return nil, fmt.Errorf("%s: %w: transaction %d has none", what, pdx.ErrCorrupt, i)
		}
	}
	return res, nil
}

// Wait lets one poll interval pass.
func (e *endpoint) Wait(ctx context.Context, _ int64) error { return pause(ctx, e.poll) }
