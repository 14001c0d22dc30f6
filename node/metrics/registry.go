// Package metrics serves a node's metrics to Prometheus, and has those of the chain and of
// the node as a whole.
package metrics

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Prefix begins the names of pdx's own metrics; those of Go, the process and libp2p have others.
const Prefix = "pdx_"

// A Registry has a node's metrics. Unlike Prometheus's own it knows also those that have no
// value yet, such as a count of what has not happened.
type Registry struct {
	*prometheus.Registry

	mu    sync.Mutex
	helps map[string]string // by the names of pdx's own metrics
}

// NewRegistry returns a registry with the metrics of Go and of the process.
func NewRegistry() *Registry {
	r := &Registry{Registry: prometheus.NewRegistry(), helps: map[string]string{}}
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Register adds metrics.
func (r *Registry) Register(c prometheus.Collector) error {
	if err := r.Registry.Register(c); err != nil {
		return err
	}
	descs := make(chan *prometheus.Desc)
	go func() { defer close(descs); c.Describe(descs) }()
	r.mu.Lock()
	defer r.mu.Unlock()
	for d := range descs {
		if name, help := described(d); strings.HasPrefix(name, Prefix) {
			r.helps[name] = help
		}
	}
	return nil
}

// MustRegister adds metrics and panics if it cannot.
func (r *Registry) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		if err := r.Register(c); err != nil {
			panic(err)
		}
	}
}

// Helps has what each of pdx's own metrics means, by name.
func (r *Registry) Helps() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.helps)
}

// A Desc tells its name and help in its text only.
var descText = regexp.MustCompile(`^Desc\{fqName: ("(?:[^"\\]|\\.)*"), help: ("(?:[^"\\]|\\.)*")`)

func described(d *prometheus.Desc) (name, help string) {
	found := descText.FindStringSubmatch(d.String())
	if found == nil {
		return "", ""
	}
	name, _ = strconv.Unquote(found[1])
	help, _ = strconv.Unquote(found[2])
	return name, help
}
