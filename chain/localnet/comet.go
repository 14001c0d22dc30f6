package localnet

import (
	"context"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtcfg "github.com/cometbft/cometbft/config"
)

// cometConfig makes blocks at the interval and connects to no peers: the RPC server
// is this package's own, and no peer is looked for.
func cometConfig(dir string, interval time.Duration) *cmtcfg.Config {
	cfg := cmtcfg.DefaultConfig()
	cfg.SetRoot(dir)
	cfg.DBBackend = "goleveldb"
	cfg.RPC.ListenAddress = ""
	cfg.P2P.ListenAddress = "tcp://" + anyLoopbackPort
	cfg.P2P.PexReactor = false
	cfg.P2P.AddrBookStrict = false
	cfg.Consensus.TimeoutCommit = interval
	// Clients look transactions up by hash.
	cfg.TxIndex.Indexer = "kv"
	return cfg
}

// watched tells when the application cannot go on: CometBFT only logs it and
// stops making blocks.
type watched struct {
	abci.Application
	fail func(error)
}

func (w watched) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	defer w.watch(req.Height)
	res, err := w.Application.FinalizeBlock(ctx, req)
	if err != nil {
		w.fail(fmt.Errorf("block %d: %w", req.Height, err))
	}
	return res, err
}

// watch reports a panic and lets it go on its way.
func (w watched) watch(height int64) {
	if r := recover(); r != nil {
		w.fail(fmt.Errorf("block %d: %v", height, r))
		panic(r)
	}
}

func (w watched) Commit(ctx context.Context, req *abci.RequestCommit) (*abci.ResponseCommit, error) {
	res, err := w.Application.Commit(ctx, req)
	if err != nil {
		w.fail(fmt.Errorf("commit: %w", err))
	}
	return res, err
}
