package validation

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
)

// The outcomes of a request, the only values of the label.
const (
	outcomeAccepted = "accepted"
	outcomeRejected = "rejected"
	outcomeBusy     = "busy"
	outcomeRetry    = "retry"
	outcomeRefused  = "refused"
	outcomeInvalid  = "invalid"
	outcomeLimited  = "limited"
	outcomeGone     = "gone"
	outcomePanic    = "panic"
)

func outcomeOf(err error) string {
	switch {
	case errors.Is(err, ErrBusy):
		return outcomeBusy
	case errors.Is(err, pdx.ErrUnavailable), errors.Is(err, pdx.ErrNotFound):
		return outcomeRetry
	}
	return outcomeRefused
}

func outcomeOfVerdict(v pdx.Verdict) string {
	if v.Accepted {
		return outcomeAccepted
	}
	return outcomeRejected
}

type metrics struct{ requests *prometheus.CounterVec }

// newMetrics registers with r, which may be nil.
func newMetrics(r prometheus.Registerer, load func() Load) (*metrics, error) {
	m := &metrics{requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "pdx_validation_requests_total", Help: "Requests for validation, by how they ended.",
	}, []string{"outcome"})}
	running := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "pdx_validation_running_jobs", Help: "Validations at work.",
	}, func() float64 { return float64(load().Running) })
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "pdx_validation_waiting_jobs", Help: "Validations that wait for a worker.",
	}, func() float64 { return float64(load().Waiting) })
	certifying := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "pdx_validation_certifying_jobs", Help: "Validations whose verdict waits for a block.",
	}, func() float64 { return float64(load().Certifying) })
	if r == nil {
		return m, nil
	}
	return m, errors.Join(r.Register(m.requests), r.Register(running), r.Register(waiting), r.Register(certifying))
}

func (m *metrics) ended(outcome string) { m.requests.WithLabelValues(outcome).Inc() }
