package metrics_test

import (
	"context"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/metrics"
	"github.com/medibloc/pdx/node/model"
)

func changes[T any](list ...T) func(context.Context) iter.Seq[T] {
	return func(context.Context) iter.Seq[T] { return slices.Values(list) }
}

func TestEndsCountsASaleOnce(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	ends, err := metrics.NewEnds(registry)
	require.NoError(t, err)
	paid := model.Sale{ID: "a", State: model.SaleFinal, Created: time.Unix(100, 0), Updated: time.Unix(107, 0), Terms: model.Terms{Price: 5}}
	settled := paid
	settled.Settled = true
	ends.Sales(t.Context(), changes(
		model.Sale{ID: "a", State: model.SaleDelivered}, paid, settled,
		model.Sale{ID: "b", State: model.SaleLapsed, Settled: true, Terms: model.Terms{Price: 9}},
	))
	require.InDelta(t, 5, value(t, registry, "pdx_seller_paid_umed_total"), 0)
	require.InDelta(t, 2, value(t, registry, "pdx_seller_sales_ended_total"), 0)
	require.InDelta(t, 7, value(t, registry, "pdx_seller_sale_duration_seconds"), 0)
}

func TestEndsMeasuresTheTimeToTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewPedanticRegistry()
		ends, err := metrics.NewEnds(registry)
		require.NoError(t, err)
		acked, old := model.Pull{Deal: 1, State: model.PullAcked}, model.Pull{Deal: 2, State: model.PullAcked}
		key, oldKey := model.Pull{Deal: 1, State: model.PullDelivered}, model.Pull{Deal: 2, State: model.PullDelivered}
		done := model.Pull{Deal: 1, State: model.PullFinal}
		ends.Pulls(t.Context(), []model.Pull{old}, func(context.Context) iter.Seq[model.Pull] {
			return func(yield func(model.Pull) bool) {
				for _, p := range []model.Pull{old, acked, acked, key, oldKey, done} {
					if time.Sleep(3 * time.Second); !yield(p) {
						return
					}
				}
			}
		})
		require.InDelta(t, 6, value(t, registry, "pdx_buyer_time_to_key_seconds"), 0)
		require.InDelta(t, 1, value(t, registry, "pdx_buyer_pulls_ended_total"), 0)
		require.Equal(t, 1, testutil.CollectAndCount(registry, "pdx_buyer_time_to_key_seconds"))
	})
}

// value is the sum of a metric over its labels.
func value(t *testing.T, registry *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name {
				sum += m.GetCounter().GetValue() + m.GetHistogram().GetSampleSum()
			}
		}
	}
	return sum
}
