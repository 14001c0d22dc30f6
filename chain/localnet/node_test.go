package localnet

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
)

// broken is an application that cannot make a block.
type broken struct {
	abci.BaseApplication
	err    error
	panics any
}

func (b broken) FinalizeBlock(context.Context, *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	if b.panics != nil {
		panic(b.panics)
	}
	return nil, b.err
}

func (b broken) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	return nil, b.err
}

func TestABrokenApplicationEndsTheChain(t *testing.T) {
	boom := errors.New("boom")
	for name, run := range map[string]func(watched){
		"block fails":  func(w watched) { _, _ = w.FinalizeBlock(t.Context(), &abci.RequestFinalizeBlock{Height: 7}) },
		"commit fails": func(w watched) { _, _ = w.Commit(t.Context(), &abci.RequestCommit{}) },
	} {
		t.Run(name, func(t *testing.T) {
			chain := &Chain{done: make(chan struct{})}
			run(watched{Application: broken{err: boom}, fail: chain.finish})
			<-chain.Done()
			require.ErrorIs(t, chain.Err(), boom)
		})
	}
	t.Run("block panics", func(t *testing.T) {
		chain := &Chain{done: make(chan struct{})}
		w := watched{Application: broken{panics: "UPGRADE NEEDED"}, fail: chain.finish}
		require.PanicsWithValue(t, "UPGRADE NEEDED", func() {
			_, _ = w.FinalizeBlock(t.Context(), &abci.RequestFinalizeBlock{Height: 7})
		})
		<-chain.Done()
		require.ErrorContains(t, chain.Err(), "block 7: UPGRADE NEEDED")
	})
}

func TestTheLogIsQuietUnlessVerbose(t *testing.T) {
	var out bytes.Buffer
	var ending atomic.Bool
	base := slog.New(slog.NewTextHandler(&out, nil))
	logger := newChainLogger(base, false, &ending).With("module", "test")
	logger.Info("chatter")
	require.Empty(t, out.String())
	logger.Error("trouble")
	require.Contains(t, out.String(), "trouble")
	require.Contains(t, out.String(), "module=test")
	out.Reset()
	ending.Store(true)
	logger.Error("listener closed")
	require.Empty(t, out.String())
	newChainLogger(base, true, &ending).Info("chatter")
	require.Contains(t, out.String(), "chatter")
}
