package node

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx/chain/client"
)

// chainMetrics shows how far the chain is verified and how its endpoints are.
type chainMetrics struct{ chain *client.Client }

var (
	verifiedHeight = prometheus.NewDesc("pdx_chain_verified_height_blocks", "Height of the newest block that was verified.", nil, nil)
	verifiedTime   = prometheus.NewDesc("pdx_chain_verified_time_seconds", "Unix time of the newest block that was verified.", nil, nil)
	verifiedOK     = prometheus.NewDesc("pdx_chain_verified_ok", "1 when the last verification went well.", nil, nil)
	liesFound      = prometheus.NewDesc("pdx_chain_lies_total", "Answers of endpoints that were proven false.", nil, nil)
	// Endpoints have the numbers of their places in the configuration, from 0.
	endpointOK = prometheus.NewDesc("pdx_chain_endpoint_ok", "1 when the endpoint answers and was caught in no lie.", []string{"endpoint"}, nil)
)

// Describe lists them.
func (m chainMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{verifiedHeight, verifiedTime, verifiedOK, liesFound, endpointOK} {
		out <- d
	}
}

// Collect reads them.
func (m chainMetrics) Collect(out chan<- prometheus.Metric) {
	state := m.chain.Verified().State()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(verifiedHeight, float64(state.Head.Height))
	if !state.Head.Time.IsZero() {
		gauge(verifiedTime, float64(state.Head.Time.Unix()))
	}
	gauge(verifiedOK, truth(state.Err == nil && !state.At.IsZero()))
	out <- prometheus.MustNewConstMetric(liesFound, prometheus.CounterValue, float64(state.Lies))
	for i, s := range m.chain.Endpoints() {
		gauge(endpointOK, truth(s.Trouble == ""), strconv.Itoa(i))
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
