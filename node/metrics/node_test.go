package metrics_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/metrics"
	"github.com/medibloc/pdx/node/model"
)

func TestNodeShowsItsFigures(t *testing.T) {
	f := metrics.Figures{
		Version: "v1", Started: time.Unix(7, 0),
		Health: []api.Health{{Part: "chain", OK: true}, {Part: "sales"}, {Part: "chain", OK: false}},
		Funds:  chainview.Value[chainview.Funds]{Value: chainview.Funds{Balance: 3, Withdrawable: 4}, At: time.Unix(1, 0)},
		Sales: []model.Sale{
			{State: model.SaleOffered, Deal: 1, MaxDeposit: 11, Terms: model.Terms{Price: 5}}, {State: model.SaleSealing, MaxDeposit: 90},
		},
		Pulls:      []model.Pull{{State: model.PullPulling, Size: 100, Held: 40}},
		Validator:  &metrics.Validator{OnChain: &pdx.Validator{Status: pdx.ValidatorJailed, Bond: 8}, Missing: 2},
		StuckSales: 1, Peers: 6, Connections: map[metrics.Connection]int{{Inbound: true}: 5, {Relayed: true}: 1},
	}
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(metrics.Node{Read: func(context.Context) metrics.Figures { return f }}))
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP pdx_account_balance_umed What the account can spend, in umed, as last read.
# TYPE pdx_account_balance_umed gauge
pdx_account_balance_umed 3
# HELP pdx_buyer_wanted_bytes Bytes that the pulls in progress still lack.
# TYPE pdx_buyer_wanted_bytes gauge
pdx_buyer_wanted_bytes 60
# HELP pdx_connections Open connections, by who opened them and by path.
# TYPE pdx_connections gauge
pdx_connections{direction="inbound",path="direct"} 5
pdx_connections{direction="inbound",path="relayed"} 0
pdx_connections{direction="outbound",path="direct"} 0
pdx_connections{direction="outbound",path="relayed"} 1
# HELP pdx_health_ok 1 if a part of the node is well, as in 'pdx status'.
# TYPE pdx_health_ok gauge
pdx_health_ok{part="chain"} 0
pdx_health_ok{part="sales"} 0
# HELP pdx_seller_deposits_umed The most that the offers in progress hold of this account's money as deposits, in umed.
# TYPE pdx_seller_deposits_umed gauge
pdx_seller_deposits_umed 11
# HELP pdx_seller_sales Sales in progress, by state.
# TYPE pdx_seller_sales gauge
pdx_seller_sales{state="offered"} 1
pdx_seller_sales{state="sealing"} 1
# HELP pdx_validator_jailed 1 if the validator is jailed.
# TYPE pdx_validator_jailed gauge
pdx_validator_jailed 1
`), "pdx_account_balance_umed", "pdx_buyer_wanted_bytes", "pdx_connections", "pdx_health_ok", "pdx_seller_deposits_umed",
		"pdx_seller_sales", "pdx_validator_jailed"))

	f = metrics.Figures{} // a node that plays no validator and has heard nothing
	for _, unknown := range []string{
		"pdx_account_balance_umed", "pdx_validator_bond_umed", "pdx_validator_kept_bytes",
		"pdx_reachable", "pdx_chain_height_blocks",
	} {
		require.Zero(t, testutil.CollectAndCount(registry, unknown), unknown)
	}
}
