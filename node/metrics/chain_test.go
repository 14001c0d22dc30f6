package metrics_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/node/metrics"
)

func TestChain(t *testing.T) {
	chain, err := client.New(client.Config{
		ChainID: "c-1", GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1",
		More: []client.Endpoint{{GRPC: "127.0.0.1:2", RPC: "http://127.0.0.1:2"}},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, chain.Close()) }()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(metrics.Chain{Client: chain}))
	families, err := registry.Gather()
	require.NoError(t, err)
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	require.Equal(t, []string{
		"pdx_chain_endpoint_ok", "pdx_chain_lies_total",
		"pdx_chain_verified_height_blocks", "pdx_chain_verified_ok",
	}, names)
}
