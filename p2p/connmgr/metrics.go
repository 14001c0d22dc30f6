package connmgr

import "github.com/prometheus/client_golang/prometheus"

var (
	connections = prometheus.NewDesc("pdx_connmgr_connections", "Open connections.", nil, nil)
	protected   = prometheus.NewDesc("pdx_connmgr_protected_connections",
		"Connections that are not closed for being too many, as work with their peers is under way.", nil, nil)
	unprotected = prometheus.NewDesc("pdx_connmgr_unprotected_peers",
		"Connected peers with work under way that are not protected, because of the limit of their address group.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m *Manager) Describe(out chan<- *prometheus.Desc) {
	out <- connections
	out <- protected
	out <- unprotected
}

// Collect implements prometheus.Collector.
func (m *Manager) Collect(out chan<- prometheus.Metric) {
	c := m.counts()
	for desc, n := range map[*prometheus.Desc]int{connections: c.conns, protected: c.protected, unprotected: c.unprotected} {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n))
	}
}

type counts struct{ conns, protected, unprotected int }

func (m *Manager) counts() (c counts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.peers {
		c.conns += p.conns
		switch {
		case p.protected:
			c.protected += p.conns
		case p.grounds != noGrounds:
			c.unprotected++
		}
	}
	return c
}
