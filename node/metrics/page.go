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
	"github.com/medibloc/pdx/node/api"
)

// A Page serves /metrics to Prometheus, and /health and /ready to whoever supervises the
// node. Metrics are counts and hold no names; the two others say which parts are not well,
// and no more.
type Page struct {
	address string
	http    *http.Server
}

// NewPage returns a page at address, host:port. health says how the node is.
func NewPage(address string, metrics prometheus.Gatherer, health func(context.Context) []api.Health) *Page {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.Handle("/health", probe(health, func(api.Health) bool { return true }))
	mux.Handle("/ready", probe(health, essential))
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
