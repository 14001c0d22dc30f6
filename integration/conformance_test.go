package integration_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/conformance/kit"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
	"github.com/medibloc/pdx/p2p/transport"
)

// TestNodesConform checks a node of each role with the conformance kit. The buyer has a pool,
// whose criteria it serves to anybody; of the others no blob is known. The nodes listen for
// WebSockets, too.
func TestNodesConform(t *testing.T) {
	t.Setenv("PDX_P2P_WEBSOCKET", "/ip4/127.0.0.1/tcp/0/ws")
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	pool, err := m.Chain.Pool(t.Context(), pdx.PoolID(m.OpenPool(market.Pool{})))
	require.NoError(t, err)
	slow := []string{"hello/silence"}
	bodies := []string{"body/size", "body/slice", "body/beyond", "body/pipeline", "blobs/public"}
	requireConforms(t, m, m.Buyer, pool.Criteria, slow...)
	requireConforms(t, m, m.Validators[0], pdx.ContentID{}, append(bodies, slow...)...)
	requireConforms(t, m, m.Sellers[0], pdx.ContentID{}, append(bodies, slow...)...)
	requireWebSocket(t, m, m.Sellers[0])
}

// requireConforms makes sure that every check passes except those named, which are skipped.
func requireConforms(t *testing.T, m *market.Market, n *procs.Member, public pdx.ContentID, skipped ...string) {
	t.Helper()
	results, err := kit.Run(t.Context(), kit.Target{ChainID: m.Fleet.Endpoints().ChainID, Peer: addressOf(m, n, false), Public: public})
	require.NoError(t, err, n.Name)
	var without []string
	for _, r := range results {
		assert.NotEqual(t, kit.Failed, r.Outcome, "%s: %s (%s; %s): %s", n.Name, r.ID, r.Section, r.Rule, r.Reason)
		if r.Outcome == kit.Skipped {
			without = append(without, r.ID)
		}
	}
	require.ElementsMatch(t, skipped, without, n.Name)
}

// requireWebSocket makes sure that a node says that it listens for WebSockets, and does.
func requireWebSocket(t *testing.T, m *market.Market, n *procs.Member) {
	t.Helper()
	status, err := n.Client().Status(t.Context(), &nodepb.StatusRequest{})
	require.NoError(t, err)
	said := slices.ContainsFunc(status.Health, func(h *nodepb.Health) bool { return h.Part == "websocket" && h.Ok })
	require.True(t, said, "%v", status.Health)
	h, err := libp2p.New(append(transport.Options(false), transport.WebSocket(), libp2p.DisableMetrics(), libp2p.NoListenAddrs)...)
	require.NoError(t, err)
	defer h.Close()
	require.NoError(t, h.Connect(t.Context(), addressOf(m, n, true)))
}

// addressOf returns where a node listens by TCP, or by WebSocket.
func addressOf(m *market.Market, n *procs.Member, webSocket bool) peer.AddrInfo {
	m.T.Helper()
	for _, text := range listen(m, n) {
		if strings.Contains(text, "/tcp/") && strings.Contains(text, "/ws/") == webSocket {
			at, err := peer.AddrInfoFromString(text)
			m.Must(err, "address of "+n.Name)
			return *at
		}
	}
	m.T.Fatalf("%s has no such address", n.Name)
	return peer.AddrInfo{}
}
