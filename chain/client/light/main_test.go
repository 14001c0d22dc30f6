package light_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
	datapool "github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, localnettest.KnownLeaks()...) }

// chain is a real one that is asked over RPC.
type chain struct {
	*localnettest.Chain
	t   *testing.T
	rpc *rpchttp.HTTP
}

func newChain(t *testing.T) *chain {
	t.Helper()
	c := &chain{Chain: localnettest.Start(t, localnettest.WithBlockInterval(30*time.Millisecond)), t: t}
	rpc, err := rpchttp.New(c.RPCAddr(), "/websocket")
	require.NoError(t, err)
	c.rpc = rpc
	c.WaitHeight(t, 4) // the first whose state is proven is the second
	return c
}

func (c *chain) anchor() light.Anchor {
	trust := c.Endpoints().Trust
	hash, err := hex.DecodeString(trust.Hash)
	require.NoError(c.t, err)
	return light.Anchor{Height: trust.Height, Hash: hash}
}

// headers begin at the chain's anchor, changed as wanted.
func (c *chain) headers(changes ...func(*light.Config)) *light.Headers {
	c.t.Helper()
	config := light.Config{ChainID: c.ChainID(), Anchor: c.anchor()}
	for _, change := range changes {
		change(&config)
	}
	h, err := light.New(config)
	require.NoError(c.t, err)
	return h
}

func (c *chain) source() light.Source { return light.Source{Name: "honest", RPC: c.rpc} }

// liar is the chain with some answers of its own.
type liar struct {
	*rpchttp.HTTP
	commit func(*coretypes.ResultCommit)
	query  func(*coretypes.ResultABCIQuery)
	err    error
	pruned error   // for every height that is named
	asked  []int64 // heights of commits, 0 for the newest
}

func (c *chain) liar() *liar { return &liar{HTTP: c.rpc} }

func (l *liar) source() light.Source { return light.Source{Name: "liar", RPC: l} }

func (l *liar) Commit(ctx context.Context, height *int64) (*coretypes.ResultCommit, error) {
	if height == nil {
		l.asked = append(l.asked, 0)
	} else {
		l.asked = append(l.asked, *height)
	}
	if l.err != nil {
		return nil, l.err
	}
	if l.pruned != nil && height != nil {
		return nil, l.pruned
	}
	res, err := l.HTTP.Commit(ctx, height)
	if err == nil && l.commit != nil {
		l.commit(res)
	}
	return res, err
}

func (l *liar) ABCIQueryWithOptions(
	ctx context.Context, path string, data cmtbytes.HexBytes, o rpcclient.ABCIQueryOptions,
) (*coretypes.ResultABCIQuery, error) {
	res, err := l.HTTP.ABCIQueryWithOptions(ctx, path, data, o)
	if err == nil && l.query != nil {
		l.query(res)
	}
	return res, err
}

// key signs blocks of the chain: the one of its chain validator.
func (c *chain) key() crypto.PrivKey {
	dir := filepath.Join(c.Home, "node0")
	keyFile, stateFile := filepath.Join(dir, "config", "priv_validator_key.json"), filepath.Join(dir, "data", "none.json")
	return privval.LoadFilePVEmptyState(keyFile, stateFile).Key.PrivKey
}

// resign makes a commit of a changed header whole again, by a key.
func (c *chain) resign(res *coretypes.ResultCommit, key crypto.PrivKey) {
	commit := res.SignedHeader.Commit
	commit.BlockID.Hash = res.SignedHeader.Header.Hash()
	signature := &commit.Signatures[0]
	raw, err := key.Sign(types.VoteSignBytes(c.ChainID(), &cmtproto.Vote{
		Type: cmtproto.PrecommitType, Height: commit.Height, Round: commit.Round,
		BlockID: commit.BlockID.ToProto(), Timestamp: signature.Timestamp,
	}))
	require.NoError(c.t, err)
	signature.Signature = raw
}

// memory is what a node keeps through restarts.
type memory struct {
	raw   []byte
	saves int
	err   error
}

func (m *memory) Load(context.Context) ([]byte, error) {
	if m.err == nil && m.raw == nil {
		return nil, pdx.ErrNotFound
	}
	return m.raw, m.err
}

func (m *memory) Save(_ context.Context, raw []byte) error {
	if m.err == nil {
		m.raw, m.saves = bytes.Clone(raw), m.saves+1
	}
	return m.err
}

// requireLie wants that the liar is named for what it said.
func requireLie(t *testing.T, err error, what string) {
	t.Helper()
	var lie *light.Lie
	require.ErrorAs(t, err, &lie)
	require.Equal(t, "liar", lie.Source)
	require.Contains(t, lie.What, what)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
}

// params reads the module's parameters, which every chain has.
func params(ctx context.Context, h *light.Headers, s light.Source, head *types.LightBlock) ([]byte, error) {
	return h.Value(ctx, s, head, datapool.StoreKey, datapool.ParamsStoreKey())
}

func flipped(raw []byte) []byte {
	raw = slices.Clone(raw)
	raw[len(raw)/2] ^= 1
	return raw
}
