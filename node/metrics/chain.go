package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx/chain/client"
)

// Chain collects how far a client has verified the chain and the health of its
// endpoints.
type Chain struct{ Client *client.Client }

var (
	verifiedHeight = prometheus.NewDesc("pdx_chain_verified_height_blocks", "Height of the newest block that was verified.", nil, nil)
	verifiedTime   = prometheus.NewDesc("pdx_chain_verified_time_seconds", "Unix time of the newest block that was verified.", nil, nil)
	verifiedOK     = prometheus.NewDesc("pdx_chain_verified_ok", "1 if the last verification succeeded.", nil, nil)
	liesFound      = prometheus.NewDesc("pdx_chain_lies_total", "Answers of endpoints that were proven false.", nil, nil)
	// Endpoints are numbered from 0 in the order of the configuration.
	endpointOK = prometheus.NewDesc("pdx_chain_endpoint_ok",
		"1 if the endpoint answers and none of its answers was proven false.", []string{"endpoint"}, nil)
)

// Describe implements prometheus.Collector.
func (m Chain) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{verifiedHeight, verifiedTime, verifiedOK, liesFound, endpointOK} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m Chain) Collect(out chan<- prometheus.Metric) {
	state := m.Client.Verified().State()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(verifiedHeight, float64(state.Head.Height))
	if !state.Head.Time.IsZero() {
		gauge(verifiedTime, float64(state.Head.Time.Unix()))
	}
	gauge(verifiedOK, truth(state.Err == nil && !state.At.IsZero()))
	out <- prometheus.MustNewConstMetric(liesFound, prometheus.CounterValue, float64(state.Lies))
	for i, s := range m.Client.Endpoints() {
		gauge(endpointOK, truth(s.Trouble == ""), strconv.Itoa(i))
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
