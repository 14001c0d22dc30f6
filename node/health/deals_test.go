package health_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/health"
	"github.com/medibloc/pdx/node/model"
)

func TestStuckSales(t *testing.T) {
	now := time.Now()
	sale := func(state model.SaleState, reason string, ago time.Duration) model.Sale {
		return model.Sale{Deal: 5, State: state, Reason: reason, Updated: now.Add(-ago)}
	}
	require.Empty(t, health.Sales([]model.Sale{
		sale(model.SaleOffered, "", time.Hour), sale(model.SaleOffered, "the chain is away", time.Second),
		sale(model.SaleLapsed, "nobody certified it", time.Hour),
	}, now))
	list := health.Sales([]model.Sale{
		sale(model.SaleOffered, "the file changed", time.Hour), sale(model.SaleAcked, "waits for funds", time.Hour),
	}, now)
	require.Len(t, list, 1)
	require.False(t, list[0].OK)
	require.Contains(t, list[0].Message, "sales that do not go on: 2; deal 5: the file changed")
}

func TestStuckPurchases(t *testing.T) {
	now := time.Now()
	p := model.Pull{Deal: 3, State: model.PullPulling, Reason: "the seller is offline", Since: now.Add(-time.Second)}
	require.Empty(t, health.Purchases([]model.Pull{p}, now))
	p.Since = now.Add(-time.Hour)
	list := health.Purchases([]model.Pull{p}, now)
	require.Len(t, list, 1)
	require.False(t, list[0].OK)
	require.Contains(t, list[0].Message, "purchases that do not go on: 1; deal 3: the seller is offline")
	p.State = model.PullFinal
	require.Empty(t, health.Purchases([]model.Pull{p}, now))
}

func TestClock(t *testing.T) {
	require.Empty(t, health.Clock(time.Hour, false))
	require.Empty(t, health.Clock(5*time.Second, true))
	require.Contains(t, health.Clock(-time.Hour, true)[0].Message, "1h0m0s behind the chain's")
	require.Contains(t, health.Clock(time.Hour, true)[0].Message, "1h0m0s ahead of the chain's")
	require.Contains(t, health.Clock(time.Hour, true)[0].Message, "timedatectl")
}
