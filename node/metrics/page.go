package metrics

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

// A Page serves /metrics to Prometheus. Metrics are counts and hold no names.
type Page struct {
	address string
	http    *http.Server
}

// NewPage returns a page at address, host:port.
func NewPage(address string, registry *prometheus.Registry) *Page {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return &Page{address: address, http: &http.Server{
		Handler: mux, ReadHeaderTimeout: requestTimeout, ReadTimeout: requestTimeout, WriteTimeout: answerTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
	}}
}

// A request of Prometheus is a few hundred bytes, its answer a few hundred kilobytes; it
// asks every 15 s to 60 s.
const (
	requestTimeout = 10 * time.Second
	answerTimeout  = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeader      = 16 << 10
)

// Start listens and serves.
func (m *Page) Start(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", m.address)
	if err != nil {
		return fmt.Errorf("api.metrics = %q: %w: %v: free the port or choose another", m.address, pdx.ErrUnavailable, err)
	}
	go func() { _ = m.http.Serve(listener) }() // ends with Stop
	return nil
}

// Stop ends the page after the requests in hand.
func (m *Page) Stop(ctx context.Context) error { return m.http.Shutdown(ctx) }
