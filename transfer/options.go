package transfer

import (
	"log/slog"

	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/activity"
)

// An Option configures a Server.
type Option func(*options)

type options struct {
	log     *slog.Logger
	metrics *Metrics
	upload  Upload
	limits  serverLimits

	activities *activity.Log
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
		o.activities = activity.NewLog()
	}
	if o.metrics == nil {
		o.metrics = NewMetrics(nil)
	}
	return o
}

// WithLogger sets the logger. Without it, the server logs nothing.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// WithMetrics sets the metrics. A Client and a Server may share one.
func WithMetrics(m *Metrics) Option { return func(o *options) { o.metrics = m } }

// WithActivities records the server's transfers in a. Clients and Servers may share
// one.
func WithActivities(a *activity.Log) Option { return func(o *options) { o.activities = a } }

// WithUpload sets the initial upload limit. See Server.SetUpload.
func WithUpload(u Upload) Option { return func(o *options) { o.upload = u } }

// WithDrops counts in m the streams that the server refused.
func WithDrops(m *stream.Metrics) Option { return func(o *options) { o.drops = m } }
