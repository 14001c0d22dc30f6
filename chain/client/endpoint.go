package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cosmos/cosmos-sdk/codec"
	"google.golang.org/grpc"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/internal/silence"
	"github.com/medibloc/pdx/chain/client/light"
)

// An endpoint reads a chain over gRPC and CometBFT RPC.
type endpoint struct {
	*grpc.ClientConn
	rpc     *rpchttp.HTTP
	hangUp  func()
	chainID string
	address string      // of rpc, which names the endpoint to people
	account pdx.Address // whose money blocks name; empty for a reader

	memory     light.Memory // of the chain's identity; nil without
	identified atomic.Bool  // since the last connection was made
	newest     atomic.Int64 // height of the last status

	times               times
	health              health
	landings            *landings
	grpcPulse, rpcPulse silence.Pulse
}

func newEndpoint(chainID string, at Endpoint, cdc codec.Codec, t times, memory light.Memory) (*endpoint, error) {
	e := &endpoint{memory: memory, chainID: chainID, address: at.RPC, times: t, landings: newLandings()}
	if err := e.dialRPC(at.RPC); err != nil {
		return nil, err
	}
	return e, e.dialGRPC(at.GRPC, cdc)
}

func (e *endpoint) close() error {
	e.hangUp()
	return e.ClientConn.Close()
}

// status queries the status and checks the chain id.
func (e *endpoint) status(ctx context.Context) (*coretypes.ResultStatus, error) {
	status, err := e.rpc.Status(ctx)
	if err != nil {
		return nil, unreachable("chain status", err)
	}
	if err := e.checkChain(status.NodeInfo.Network); err != nil {
		return nil, err
	}
	return status, e.identifyBy(ctx, status)
}

func (e *endpoint) checkChain(id string) error {
	if id != e.chainID {
		return fmt.Errorf("%s serves chain %q, this node is set to %q: %w", e.address, id, e.chainID, pdx.ErrInvalid)
	}
	return nil
}

// span is the range of heights that an endpoint has.
type span struct {
	head        pdx.Head
	first, last int64 // first block; last block whose state queries see
}

// head queries the last block only.
func (e *endpoint) head(ctx context.Context) (span, error) {
	status, err := e.status(ctx)
	if err != nil {
		return span{}, err
	}
	s := status.SyncInfo
	e.health.showed(s.LatestBlockHeight)
	return span{
		head:  pdx.Head{ChainID: e.chainID, Height: s.LatestBlockHeight, Time: s.LatestBlockTime.UTC()},
		first: s.EarliestBlockHeight, last: s.LatestBlockHeight,
	}, nil
}

// span queries the last height of both blocks and state: a block is stored some moments
// before the state after it.
func (e *endpoint) span(ctx context.Context) (span, error) {
	r, err := e.head(ctx)
	if err != nil {
		return span{}, err
	}
	state, err := e.rpc.ABCIInfo(ctx)
	if err != nil {
		return span{}, unreachable("chain state", err)
	}
	r.last = min(r.last, state.Response.LastBlockHeight)
	return r, nil
}

// block reads header and results of one height.
func (e *endpoint) block(ctx context.Context, height int64) (Block, error) {
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
	b, err := parseBlock(head, append(events, results.FinalizeBlockEvents...))
	if err == nil {
		b.Movements, err = movements(e.account, results)
	}
	return b, err
}

func (e *endpoint) header(ctx context.Context, height int64) (pdx.Head, error) {
	what := fmt.Sprintf("header of block %d", height)
	res, err := e.rpc.Header(ctx, &height)
	switch {
	case err != nil:
		return pdx.Head{}, unreachable(what, err)
	case res.Header == nil:
		return pdx.Head{}, unreachable(what, errors.New("missing"))
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
