package gossip

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the limits of topics refuse. A nil Metrics counts nothing.
type Metrics struct {
	drops    *prometheus.CounterVec
	silenced prometheus.Counter
}

// NewMetrics registers the metrics with r.
func NewMetrics(r prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		drops: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pdx_gossip_dropped_notices_total",
			Help: "Notices that a limit dropped or that named what the chain does not know, by reason.",
		}, []string{"reason"}),
		silenced: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pdx_gossip_silenced_peers_total", Help: "Peers that were silenced because too many of their notices were ignored.",
		}),
	}
	if err := r.Register(m.drops); err != nil {
		return nil, err
	}
	return m, r.Register(m.silenced)
}

func (m *Metrics) drop(reason string) {
	if m != nil {
		m.drops.WithLabelValues(reason).Inc()
	}
}

func (m *Metrics) silence() {
	if m != nil {
		m.silenced.Inc()
	}
}
