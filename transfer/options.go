package transfer

import (
	"log/slog"

	"github.com/medibloc/pdx/p2p/stream"
)

// Option adjusts a Server.
type Option func(*options)

type options struct {
	log     *slog.Logger
	metrics *Metrics
	relayed bool
	upload  Upload
	limits  serverLimits

	activities *Activities
	drops      *stream.Metrics
}

func newOptions(opts []Option) options {
	o := options{
		log:    slog.New(slog.DiscardHandler),
		limits: defaultServerLimits(),
	}
	for _, opt := range opts {
		opt(&o)
	}
	if o.activities == nil {
		o.activities = NewActivities()
	}
	if o.metrics == nil {
		o.metrics = NewMetrics(nil)
	}
	return o
}

// WithLogger logs there; the default logs nowhere.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// WithMetrics counts there. A Client and a Server may share one.
func WithMetrics(m *Metrics) Option { return func(o *options) { o.metrics = m } }

// WithRelayed serves streams that come over limited connections, that is, through a
// relay that bounds their bytes and their time. Without it the server resets them, so
// that nobody is relayed without wanting it.
func WithRelayed() Option { return func(o *options) { o.relayed = true } }

// WithActivities shows there what goes on. Clients and Servers may share one.
func WithActivities(a *Activities) Option { return func(o *options) { o.activities = a } }

// WithUpload is how fast a Server may send at first; see Server.SetUpload.
func WithUpload(u Upload) Option { return func(o *options) { o.upload = u } }

// WithDrops counts there the streams that a Server dropped.
func WithDrops(m *stream.Metrics) Option { return func(o *options) { o.drops = m } }
