package discovery

import "github.com/prometheus/client_golang/prometheus"

// metrics counts what the DHT is asked for.
type metrics struct {
	served, slowed, refused prometheus.Counter
}

// newMetrics registers the metrics with r, unless it is nil.
func newMetrics(r prometheus.Registerer) (metrics, error) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pdx_discovery_requests_total",
		Help: "Requests to this node's DHT: served at once, slowed down to their sender's rate, or refused.",
	}, []string{"outcome"})
	m := metrics{requests.WithLabelValues("served"), requests.WithLabelValues("slowed"), requests.WithLabelValues("refused")}
	if r == nil {
		return m, nil
	}
	return m, r.Register(requests)
}
