package transfer

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx/transfer/transferpb"
)

// Metrics counts requests, bytes and pulls of servers and clients. No label is text
// from a peer.
type Metrics struct {
	requests    *prometheus.CounterVec // by outcome
	requestTime *prometheus.HistogramVec
	serving     prometheus.Gauge
	servedBytes prometheus.Counter
	panics      prometheus.Counter
	pulls       *prometheus.CounterVec // by outcome
	pulling     prometheus.Gauge
	pulledBytes prometheus.Counter
	badPeers    prometheus.Counter

	refetchedBytes prometheus.Counter
	retries        *prometheus.CounterVec // by reason
	waiting        prometheus.Gauge

	batchServed, batchPulled prometheus.Counter
}

// NewMetrics returns metrics that are registered with r, or with nothing if r is nil.
// It panics if r already has metrics of these names.
func NewMetrics(r prometheus.Registerer) *Metrics {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "pdx", Subsystem: "transfer", Name: name, Help: help}
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts(opts(name, help)))
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts(opts(name, help)))
	}
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts(opts("requests_total", "Requests served, by outcome.")), []string{"outcome"}),
		requestTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "pdx", Subsystem: "transfer", Name: "request_duration_seconds",
			Help:    "Time from the start of a stream to its end, by outcome.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 10), // 1 ms to 262 s
		}, []string{"outcome"}),
		serving:     gauge("serving_streams", "Streams being served now."),
		servedBytes: counter("served_bytes_total", "Bytes of bodies sent, tree nodes included."),
		panics:      counter("panics_total", "Panics caught while serving a stream."),
		pulls:       prometheus.NewCounterVec(prometheus.CounterOpts(opts("pulls_total", "Pulls ended, by outcome.")), []string{"outcome"}),
		pulling:     gauge("pulling_blobs", "Pulls under way now."),
		pulledBytes: counter("pulled_bytes_total", "Bytes of segments received and verified."),
		badPeers:    counter("bad_peers_total", "Peers cut off because they sent wrong bytes."),

		refetchedBytes: counter("refetched_bytes_total", "Bytes of segments that came twice."),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts(opts("retries_total", "Requests made again, by reason.")),
			[]string{"reason"}),
		waiting: gauge("waiting_streams", "Streams that wait for their turn to be sent to."),

		batchServed: counter("batch_served_blobs_total", "Small blobs sent in batches."),
		batchPulled: counter("batch_pulled_blobs_total", "Small blobs that came in batches, verified and durable."),
	}
	if r != nil {
		r.MustRegister(m.requests, m.requestTime, m.serving, m.servedBytes, m.panics, m.pulls, m.pulling, m.pulledBytes, m.badPeers,
			m.refetchedBytes, m.retries, m.waiting, m.batchServed, m.batchPulled)
	}
	return m
}

func (m *Metrics) requestDone(outcome string, since time.Time) {
	m.requests.WithLabelValues(outcome).Inc()
	m.requestTime.WithLabelValues(outcome).Observe(time.Since(since).Seconds())
}

// outcomeOf is a status code as a label: "ok", "not_found", …
func outcomeOf(c transferpb.Code) string {
	return strings.ToLower(strings.TrimPrefix(c.String(), "CODE_"))
}
