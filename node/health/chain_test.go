package health_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/client/light"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/health"
)

// unreachable returns a client of endpoints on which nothing listens.
func unreachable(t *testing.T, trust *light.Anchor) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		ChainID: "c-1", GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1", Trust: trust,
		More: []client.Endpoint{{GRPC: "127.0.0.1:2", RPC: "http://127.0.0.1:2"}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

func TestProofs(t *testing.T) {
	chain := unreachable(t, nil)
	h := health.Proofs(chain.Verified().State(), false)
	require.False(t, h.OK)
	require.Contains(t, h.Message, "delivers and withdraws nothing")
	require.Contains(t, health.Proofs(chain.Verified().State(), true).Message, "UNVERIFIED")

	chain = unreachable(t, &light.Anchor{Height: 1, Hash: make([]byte, 32)})
	require.True(t, health.Proofs(chain.Verified().State(), false).OK, "not tried yet")
	require.ErrorIs(t, chain.Verified().Check(t.Context()), pdx.ErrUnavailable)
	h = health.Proofs(chain.Verified().State(), false)
	require.False(t, h.OK)
	require.Contains(t, h.Message, "http://127.0.0.1:1")
	require.Len(t, health.Endpoints(chain.Endpoints()), 2)
}

func TestEndpoints(t *testing.T) {
	down := client.EndpointHealth{Address: "a", Trouble: "down"}
	require.Empty(t, health.Endpoints([]client.EndpointHealth{down}), "the chain's own line says it")
	require.Empty(t, health.Endpoints([]client.EndpointHealth{{Address: "a"}, {Address: "b"}}))
	require.Contains(t, health.Endpoints([]client.EndpointHealth{{Address: "a", Unsteady: "back and forth"}})[0].Message, "a: back and forth")
	list := health.Endpoints([]client.EndpointHealth{{Address: "a", Trouble: "false price", Lied: true}})
	require.Len(t, list, 1)
	require.Contains(t, list[0].Message, "chain.grpc")
	require.Len(t, health.Endpoints([]client.EndpointHealth{down, {Address: "b"}}), 1)
}

func TestChain(t *testing.T) {
	now := time.Now()
	fresh := chainview.Value[pdx.Head]{Value: pdx.Head{Height: 7, Time: now}, At: now}
	require.True(t, health.Chain(fresh, nil).OK)
	trouble := "no blocks"
	require.Equal(t, "no blocks", health.Chain(fresh, &trouble).Message)
	halted := fresh
	halted.Value.Time = now.Add(-time.Hour)
	require.Contains(t, health.Chain(halted, nil).Message, "has halted")
	away := fresh
	away.Err = pdx.ErrUnavailable
	require.Contains(t, health.Chain(away, nil).Message, "the last known block is 7, read at")
	require.NotContains(t, health.Chain(chainview.Value[pdx.Head]{Err: pdx.ErrUnavailable}, nil).Message, "last known")
}

func TestFunds(t *testing.T) {
	funds := func(balance pdx.Amount, at time.Time, err error) chainview.Value[chainview.Funds] {
		return chainview.Value[chainview.Funds]{Value: chainview.Funds{Balance: balance}, At: at, Err: err}
	}
	now := time.Now()
	require.True(t, health.Funds(funds(10, now, nil), "panacea1a", 5).OK)
	require.Contains(t, health.Funds(funds(1, now, nil), "panacea1a", 5).Message, "to panacea1a to pay fees")
	require.Equal(t, "unavailable", health.Funds(funds(0, time.Time{}, pdx.ErrUnavailable), "panacea1a", 5).Message)
	require.Contains(t, health.Funds(funds(10, now, pdx.ErrUnavailable), "panacea1a", 5).Message, "the last known balance is 0.00001 MED")
}

func TestGasPriceNamesTheSetting(t *testing.T) {
	require.Empty(t, health.GasPrice(client.GasPrice{Asked: 5, Limit: 5}))
	lines := health.GasPrice(client.GasPrice{Asked: 60, Limit: 50})
	require.Len(t, lines, 1)
	require.False(t, lines[0].OK)
	require.Contains(t, lines[0].Message, "chain.max_gas_price")
}

func TestOtherSigner(t *testing.T) {
	require.Empty(t, health.OtherSigner(time.Time{}, "panacea1a"))
	list := health.OtherSigner(time.Now(), "panacea1a")
	require.Len(t, list, 1)
	require.False(t, list[0].OK)
	require.Contains(t, list[0].Message, "if this home was copied, stop one of the two")
}
