package stream

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts the streams that servers refused or whose handlers panicked, for any
// number of servers, as pdx_stream_dropped_streams_total. A nil Metrics counts nothing.
type Metrics struct{ drops *prometheus.CounterVec }

// NewMetrics registers the metrics with r.
func NewMetrics(r prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{drops: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pdx_stream_dropped_streams_total",
		Help: "Streams that ended before or outside their handler, by service and reason.",
	}, []string{"service", "reason"})}
	return m, r.Register(m.drops)
}

func (m *Metrics) dropped(service, reason string) {
	if m != nil {
		m.drops.WithLabelValues(service, reason).Inc()
	}
}

// reasonOf is why the kit ended a stream, as a label; empty for errors of handlers.
func reasonOf(err error) string {
	for _, r := range []struct {
		err   error
		label string
	}{{ErrPanic, "panic"}, {ErrRateLimited, "rate"}, {ErrNoSlot, "slots"}, {ErrNoMemory, "memory"}} {
		if errors.Is(err, r.err) {
			return r.label
		}
	}
	return ""
}
