package relay

import "github.com/prometheus/client_golang/prometheus"

// metrics are those of a Server; the library has its own of reservations and circuits.
type metrics struct {
	bytes   prometheus.Counter
	refused *prometheus.CounterVec // by reason
	cut     *prometheus.CounterVec // by reason
}

func newMetrics(registerer prometheus.Registerer) (metrics, error) {
	m := metrics{
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "pdx_relay_bytes_total", Help: "Bytes received from peers and passed on to others over circuits.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pdx_relay_refused_total", Help: "Reservations and circuits that this relay refused, by reason.",
		}, []string{"reason"}),
		cut: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pdx_relay_cut_total", Help: "Circuits that this relay cut, by reason.",
		}, []string{"reason"}),
	}
	if registerer == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.bytes, m.refused, m.cut} {
		if err := registerer.Register(c); err != nil {
			return m, err
		}
	}
	return m, nil
}
