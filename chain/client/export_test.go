package client

import "time"

// WithSilence is cfg with another time after which a silent connection is given up.
func WithSilence(cfg Config, d time.Duration) Config {
	cfg.silence = d
	return cfg
}
