package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Node collects a node's figures. Read is called at each scrape, with a context that ends
// before the scraper gives up.
type Node struct {
	Read func(ctx context.Context) Figures
}

// readTimeout is how long the figures may take: Prometheus waits for 10 s by default.
const readTimeout = 5 * time.Second

var (
	build       = prometheus.NewDesc("pdx_build_info", "1, with the version of the program.", []string{"version"}, nil)
	healthOK    = prometheus.NewDesc("pdx_health_ok", "1 if a part of the node is well, as in 'pdx status'.", []string{"part"}, nil)
	sales       = prometheus.NewDesc("pdx_seller_sales", "Sales in progress, by state.", []string{"state"}, nil)
	pulls       = prometheus.NewDesc("pdx_buyer_pulls", "Pulls in progress, by state.", []string{"state"}, nil)
	connections = prometheus.NewDesc("pdx_connections",
		"Open connections, by who opened them and by path.", []string{"direction", "path"}, nil)
)

// Describe implements prometheus.Collector.
func (n Node) Describe(out chan<- *prometheus.Desc) {
	for _, g := range gauges {
		out <- g.desc
	}
	for _, d := range []*prometheus.Desc{build, healthOK, sales, pulls, connections} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (n Node) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	f := n.Read(ctx)
	emit := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for _, g := range gauges {
		if value, ok := g.of(&f); ok {
			emit(g.desc, value)
		}
	}
	emit(build, 1, f.Version)
	for part, well := range f.parts() {
		emit(healthOK, truth(well), part)
	}
	for state, count := range f.salesByState() {
		emit(sales, float64(count), state)
	}
	for state, count := range f.pullsByState() {
		emit(pulls, float64(count), state)
	}
	for _, inbound := range []bool{false, true} {
		for _, relayed := range []bool{false, true} {
			kind := Connection{Inbound: inbound, Relayed: relayed}
			emit(connections, float64(f.Connections[kind]), kind.direction(), kind.path())
		}
	}
}

// parts says of each part of the health whether all its lines are well.
func (f *Figures) parts() map[string]bool {
	parts := map[string]bool{}
	for _, h := range f.Health {
		well, known := parts[h.Part]
		parts[h.Part] = h.OK && (well || !known)
	}
	return parts
}

func (f *Figures) salesByState() map[string]int {
	counts := map[string]int{}
	for _, s := range f.Sales {
		counts[string(s.State)]++
	}
	return counts
}

func (f *Figures) pullsByState() map[string]int {
	counts := map[string]int{}
	for _, p := range f.Pulls {
		counts[string(p.State)]++
	}
	return counts
}

func (c Connection) direction() string {
	if c.Inbound {
		return "inbound"
	}
	return "outbound"
}

func (c Connection) path() string {
	if c.Relayed {
		return "relayed"
	}
	return "direct"
}
