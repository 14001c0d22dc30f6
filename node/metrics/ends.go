package metrics

import (
	"context"
	"iter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// Ends counts the sales and pulls that ended since the start, and how long they took.
type Ends struct {
	sales, pulls        *prometheus.CounterVec
	earned              prometheus.Counter
	saleTime, timeToKey prometheus.Histogram
	now                 func() time.Time
}

// Deals take from seconds, on a chain of one's own, to days.
var dealTimes = []float64{1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600}

// NewEnds registers the metrics with r.
func NewEnds(r prometheus.Registerer) (*Ends, error) {
	e := &Ends{
		now: time.Now,
		sales: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pdx_seller_sales_ended_total", Help: "Sales that ended, by how.",
		}, []string{"state"}),
		pulls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pdx_buyer_pulls_ended_total", Help: "Pulls that ended, by how.",
		}, []string{"state"}),
		earned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pdx_seller_paid_umed_total", Help: "Prices of the sales that were paid, before commissions, rewards and fees, in umed.",
		}),
		saleTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "pdx_seller_sale_duration_seconds", Help: "Time from the order of a sale to its payment.", Buckets: dealTimes,
		}),
		timeToKey: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "pdx_buyer_time_to_key_seconds", Help: "Time from the ack of a dataset to the delivery of its key.", Buckets: dealTimes,
		}),
	}
	for _, c := range []prometheus.Collector{e.sales, e.pulls, e.earned, e.saleTime, e.timeToKey} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Sales counts the sales that a seller's service reports, until ctx ends.
func (e *Ends) Sales(ctx context.Context, changes func(context.Context) iter.Seq[model.Sale]) {
	for sale := range changes(ctx) {
		if !sale.Settled {
			continue
		}
		e.sales.WithLabelValues(string(sale.State)).Inc()
		if sale.State == model.SaleFinal {
			e.earned.Add(float64(sale.Terms.Price))
			e.saleTime.Observe(max(0, sale.Updated.Sub(sale.Created).Seconds()))
		}
	}
}

// Pulls counts the pulls that a buyer's service reports, until ctx ends. The time to the key
// is measured where the ack was sent after the start.
func (e *Ends) Pulls(ctx context.Context, before []model.Pull, changes func(context.Context) iter.Seq[model.Pull]) {
	old := map[pdx.DealID]bool{}
	for _, p := range before {
		old[p.Deal] = p.State == model.PullAcked
	}
	acked := map[pdx.DealID]time.Time{}
	for p := range changes(ctx) {
		at, waits := acked[p.Deal]
		switch {
		case p.State == model.PullAcked && !waits && !old[p.Deal]:
			acked[p.Deal] = e.now()
		case p.State == model.PullDelivered || p.State == model.PullOpened || p.State == model.PullDisputed || p.State == model.PullFinal:
			if waits {
				e.timeToKey.Observe(e.now().Sub(at).Seconds())
			}
			delete(acked, p.Deal)
		}
		if p.State.Done() {
			delete(acked, p.Deal)
			delete(old, p.Deal)
			e.pulls.WithLabelValues(string(p.State)).Inc()
		}
	}
}
