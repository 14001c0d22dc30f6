package node

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/medibloc/pdx"
)

// metricsPage serves /metrics for Prometheus. It shows counts and no names.
type metricsPage struct {
	address string
	http    *http.Server
}

func newMetricsPage(address string, registry *prometheus.Registry) *metricsPage {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return &metricsPage{address: address, http: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}}
}

func (m *metricsPage) start(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", m.address)
	if err != nil {
		return fmt.Errorf("api.metrics = %q: %w: %v: free the port or choose another", m.address, pdx.ErrUnavailable, err)
	}
	go func() { _ = m.http.Serve(listener) }() // ends with stop
	return nil
}

func (m *metricsPage) stop(ctx context.Context) error { return m.http.Shutdown(ctx) }
