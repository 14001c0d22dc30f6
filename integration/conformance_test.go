package integration_test

import (
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/conformance/kit"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/procs"
)

// TestNodesConform checks a node of each role with the conformance kit. The buyer has a pool,
// whose criteria it serves to anybody; of the others no blob is known.
func TestNodesConform(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	pool, err := m.Chain.Pool(t.Context(), pdx.PoolID(m.OpenPool(market.Pool{})))
	require.NoError(t, err)
	slow := []string{"hello/silence"}
	bodies := []string{"body/size", "body/slice", "body/beyond", "body/pipeline", "blobs/public"}
	requireConforms(t, m, m.Buyer, pool.Criteria, slow...)
	requireConforms(t, m, m.Validators[0], pdx.ContentID{}, append(bodies, slow...)...)
	requireConforms(t, m, m.Sellers[0], pdx.ContentID{}, append(bodies, slow...)...)
}

// requireConforms makes sure that every check passes except those named, which are skipped.
func requireConforms(t *testing.T, m *market.Market, n *procs.Member, public pdx.ContentID, skipped ...string) {
	t.Helper()
	results, err := kit.Run(t.Context(), kit.Target{ChainID: m.Fleet.Endpoints().ChainID, Peer: addressOf(m, n), Public: public})
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

// addressOf returns where a node listens by TCP.
func addressOf(m *market.Market, n *procs.Member) peer.AddrInfo {
	m.T.Helper()
	at, err := peer.AddrInfoFromString(listen(m, n)[0])
	m.Must(err, "address of "+n.Name)
	return *at
}
