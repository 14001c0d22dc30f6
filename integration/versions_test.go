package integration_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// TestVersions holds a node against those of other releases: it serves every
// version that docs/spec promises to the last release, and a peer that speaks a
// version it does not know is refused by name.
func TestVersions(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	seller := m.Sellers[0]
	promised := promisedVersions(t, m.Fleet.Endpoints().ChainID)

	t.Run("serves what the last release speaks", func(t *testing.T) {
		h := adversary.NewHost(t)
		info := overTCP(m.In(t), seller)
		require.NoError(t, h.Connect(t.Context(), info))
		for _, id := range promised {
			s, err := h.NewStream(t.Context(), info.ID, id)
			require.NoError(t, err, "%s is in the table of docs/spec/README.md", id)
			require.NoError(t, s.Reset())
		}
	})
	t.Run("names a peer of a later release", func(t *testing.T) {
		later := adversary.NewHost(t)
		for _, id := range promised {
			later.SetStreamHandler(nextVersion(t, id), func(s network.Stream) { _ = s.Reset() })
		}
		err := perf(t, seller, later.Addrs()[0].String()+"/p2p/"+later.ID().String())
		require.ErrorContains(t, err, "peer "+later.ID().String()+" speaks version 2 of perf, this node version 1: upgrade this node")
	})
}

// promisedVersions are the protocols in the table of docs/spec/README.md.
func promisedVersions(t *testing.T, chainID string) (ids []protocol.ID) {
	t.Helper()
	page, err := os.ReadFile("../docs/spec/README.md")
	require.NoError(t, err)
	for _, row := range regexp.MustCompile("(?m)^\\| `(/pdx/<chain-id>/[a-z]+/[0-9.]+)` \\| v").FindAllStringSubmatch(string(page), -1) {
		ids = append(ids, protocol.ID(strings.Replace(row[1], "<chain-id>", chainID, 1)))
	}
	require.NotEmpty(t, ids)
	return ids
}

func nextVersion(t *testing.T, id protocol.ID) protocol.ID {
	t.Helper()
	family, first := strings.CutSuffix(strings.TrimSuffix(string(id), ".0.0"), "1")
	require.True(t, first, "%s is no first version: give the test its successor", id)
	return protocol.ID(family + "2")
}

// perf has a node measure the path to a peer.
func perf(t *testing.T, n *procs.Member, peer string) error {
	t.Helper()
	stream, err := n.Client().Perf(t.Context(), &nodepb.PerfRequest{Peer: peer, Up: 1, Down: 1})
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Receive() { // only how it ends counts
	}
	return stream.Err()
}
