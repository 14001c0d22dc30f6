package transfer

import (
	"log/slog"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
)

// Option adjusts a Client or a Server.
type Option func(*options)

type options struct {
	log     *slog.Logger
	metrics *Metrics
	relayed bool
	maxSize uint64
	upload  Upload
	limits  limits
	server  serverLimits

	activities *Activities
	drops      *stream.Metrics
}

func newOptions(opts []Option) options {
	o := options{
		log:     slog.New(slog.DiscardHandler),
		maxSize: bao.MaxSize,
		limits:  defaultLimits(),
		server:  defaultServerLimits(),
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

// WithRelayed lets blobs move over limited connections, that is through a relay
// that bounds their bytes and their time. Without it a pull over one fails and a
// server resets such streams, so that nobody is relayed unawares.
func WithRelayed() Option { return func(o *options) { o.relayed = true } }

// WithMaxSize bounds the size in bytes that a Client believes a peer when Pull
// is not told the size; the default is bao.MaxSize. A Server ignores it.
func WithMaxSize(n uint64) Option { return func(o *options) { o.maxSize = n } }

// WithActivities shows there what goes on. Clients and Servers may share one.
func WithActivities(a *Activities) Option { return func(o *options) { o.activities = a } }

// WithUpload is how fast a Server may send at first; see Server.SetUpload. A
// Client ignores it.
func WithUpload(u Upload) Option { return func(o *options) { o.upload = u } }

// WithDrops counts there the streams that a Server dropped. A Client ignores it.
func WithDrops(m *stream.Metrics) Option { return func(o *options) { o.drops = m } }
