package light

import (
	"context"
	"strings"

	"github.com/cometbft/cometbft/light/provider"
	lighthttp "github.com/cometbft/cometbft/light/provider/http"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/types"
)

// A Source is an endpoint whose answers are verified.
type Source struct {
	// Name is the source's address, for error messages.
	Name string
	// RPC is a client of the source, which must bound the size and time of answers.
	RPC rpcclient.RemoteClient
}

// asked adapts a Source to CometBFT's light client for one verification. It gives the same
// answer for the same height and therefore serves as its own witness.
type asked struct {
	provider.Provider
	blocks map[int64]*types.LightBlock
}

func ask(chainID string, s Source) *asked {
	return &asked{Provider: lighthttp.NewWithClient(chainID, awake{s.RPC}), blocks: map[int64]*types.LightBlock{}}
}

// awake stops CometBFT's provider from sleeping, regardless of any context, after answers that
// claim a timeout, which any source can send.
type awake struct{ rpcclient.RemoteClient }

func (a awake) Commit(ctx context.Context, height *int64) (*coretypes.ResultCommit, error) {
	res, err := a.RemoteClient.Commit(ctx, height)
	return res, waking(err)
}

func (a awake) Validators(ctx context.Context, height *int64, page, perPage *int) (*coretypes.ResultValidators, error) {
	res, err := a.RemoteClient.Validators(ctx, height, page, perPage)
	return res, waking(err)
}

func waking(err error) error {
	if err != nil && strings.Contains(err.Error(), "Timeout exceeded") {
		return provider.ErrNoResponse
	}
	return err
}

// LightBlock returns the block of a height; 0 means the newest.
func (a *asked) LightBlock(ctx context.Context, height int64) (*types.LightBlock, error) {
	if block := a.blocks[height]; block != nil {
		return block, nil
	}
	block, err := a.Provider.LightBlock(ctx, height)
	switch err.(type) { //nolint:errorlint // the light client compares these errors as they are
	case nil:
		a.blocks[block.Height] = block
		return block, nil
	case provider.ErrBadLightBlock:
		return nil, err
	}
	if isBenign(err) {
		return nil, err
	}
	return nil, silent{err}
}

// ReportEvidence does nothing: a fork is reported to the owner, who alone can judge which
// chain is the right one.
func (a *asked) ReportEvidence(context.Context, types.Evidence) error { return nil }
