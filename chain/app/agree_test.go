package app_test

import (
	"fmt"
	"testing"
	"time"

	"cosmossdk.io/log"
	pruningtypes "cosmossdk.io/store/pruning/types"
	"cosmossdk.io/store/snapshots"
	snapshottypes "cosmossdk.io/store/snapshots/types"
	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/app/apptest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// node is one of several chain validators that execute the same blocks.
type node struct {
	*app.App
	t       *testing.T
	name    string
	db      dbm.DB
	options []func(*baseapp.BaseApp)
}

func newNode(t *testing.T, name string, options ...func(*baseapp.BaseApp)) *node {
	n := &node{t: t, name: name, db: dbm.NewMemDB(), options: append(options, baseapp.SetChainID(apptest.ID))}
	n.open()
	return n
}

func (n *node) open() {
	n.t.Helper()
	a, err := app.New(log.NewNopLogger(), n.db, n.t.TempDir(), n.options...)
	require.NoError(n.t, err)
	n.App = a
	n.t.Cleanup(func() { _ = a.Close() })
}

// run executes a block and compares the state after it.
func (n *node) run(block *abci.RequestFinalizeBlock, want []byte) {
	n.t.Helper()
	result, err := n.FinalizeBlock(block)
	require.NoError(n.t, err)
	_, err = n.Commit()
	require.NoError(n.t, err)
	require.Equal(n.t, fmt.Sprintf("%X", want), fmt.Sprintf("%X", result.AppHash), "%s, block %d", n.name, block.Height)
	n.awaitSnapshot(block.Height)
}

const snapshotEvery = 10

// awaitSnapshot waits for the snapshot of a block: the IAVL tree shares nodes between its export and
// the next block's writes, without a lock.
func (n *node) awaitSnapshot(height int64) {
	if n.SnapshotManager() == nil || height%snapshotEvery != 0 {
		return
	}
	require.Eventually(n.t, func() bool {
		list, err := n.SnapshotManager().List()
		return err == nil && len(list) > 0 && list[0].Height == uint64(height)
	}, time.Minute, time.Millisecond)
}

// snapshotting keeps snapshots.
func snapshotting(t *testing.T) func(*baseapp.BaseApp) {
	t.Helper()
	store, err := snapshots.NewStore(dbm.NewMemDB(), t.TempDir())
	require.NoError(t, err)
	return baseapp.SetSnapshot(store, snapshottypes.NewSnapshotOptions(snapshotEvery, 2))
}

// synced starts a node from another's newest snapshot, over ABCI as CometBFT does.
func synced(t *testing.T, from *node, hashes map[uint64][]byte) *node {
	t.Helper()
	list, err := from.ListSnapshots(&abci.RequestListSnapshots{})
	require.NoError(t, err)
	require.NotEmpty(t, list.Snapshots)
	newest := list.Snapshots[0]
	n := newNode(t, "synced", snapshotting(t))
	offer, err := n.OfferSnapshot(&abci.RequestOfferSnapshot{Snapshot: newest, AppHash: hashes[newest.Height]})
	require.NoError(t, err)
	require.Equal(t, abci.ResponseOfferSnapshot_ACCEPT, offer.Result)
	for i := range newest.Chunks {
		chunk, err := from.LoadSnapshotChunk(&abci.RequestLoadSnapshotChunk{Height: newest.Height, Format: newest.Format, Chunk: i})
		require.NoError(t, err)
		applied, err := n.ApplySnapshotChunk(&abci.RequestApplySnapshotChunk{Index: i, Chunk: chunk.Chunk, Sender: "from"})
		require.NoError(t, err)
		require.Equal(t, abci.ResponseApplySnapshotChunk_ACCEPT, applied.Result)
	}
	info, err := n.Info(&abci.RequestInfo{})
	require.NoError(t, err)
	require.EqualValues(t, newest.Height, info.LastBlockHeight)
	require.Equal(t, hashes[newest.Height], info.LastBlockAppHash)
	return n
}

// TestFourNodesAgree has deals go through all their ends on four nodes: one that just runs,
// one that prunes everything, one that starts anew from its disk every few blocks, and one
// that begins from a snapshot while deals are open. All have the same state after each block.
func TestFourNodesAgree(t *testing.T) {
	names := []string{"buyer", "seller"}
	var validators []pdx.Address
	for i := range types.MaxPoolValidators {
		names = append(names, fmt.Sprintf("validator %d", i))
		validators = append(validators, datapooltest.Account(names[len(names)-1]))
	}
	p := &pricing{Chain: apptest.New(t, dbm.NewMemDB(), datapooltest.Params(), names)}
	source := newNode(t, "source", snapshotting(t))
	restarted := newNode(t, "restarted")
	pruned := newNode(t, "pruned", baseapp.SetPruning(pruningtypes.NewPruningOptions(pruningtypes.PruningEverything)))
	nodes := []*node{source, restarted, pruned}
	hashes, blocks := map[uint64][]byte{}, map[int64]*abci.RequestFinalizeBlock{}
	for _, n := range nodes {
		_, err := n.InitChain(p.Began)
		require.NoError(t, err)
	}
	for _, n := range nodes {
		n.run(p.First, p.LastCommitID().Hash)
	}
	open := false
	p.OnBlock = func(block *abci.RequestFinalizeBlock, appHash []byte) {
		hashes[uint64(block.Height)], blocks[block.Height] = appHash, block
		for _, n := range nodes {
			n.run(block, appHash)
		}
		if block.Height%7 == 0 {
			require.NoError(t, restarted.Close())
			restarted.open()
		}
		if open && len(nodes) == 3 && block.Height%10 == 3 {
			late := synced(t, source, hashes)
			require.Greater(t, late.LastBlockHeight(), int64(10))
			for h := late.LastBlockHeight() + 1; h <= block.Height; h++ {
				late.run(blocks[h], hashes[uint64(h)])
			}
			nodes = append(nodes, late)
		}
	}
	for _, v := range validators {
		p.run("", v, datapooltest.NewValidator(v, 100))
	}
	open = true
	p.price(validators)
	p.priceLargest(validators)
	p.complaints(validators)
	for range 20 {
		p.Block()
	}
	require.Len(t, nodes, 4)
	for _, n := range nodes {
		require.NoError(t, n.Datapool.CheckInvariants(n.NewContext(true)), n.name)
	}
}
