package client

import "time"

// WithSilence is cfg with another time after which a silent connection is given up.
func WithSilence(cfg Config, d time.Duration) Config {
	cfg.silence = d
	return cfg
}

// AssumeGasPrice makes c believe that the chain asks for another price than it does.
func AssumeGasPrice(c *Client, price uint64) {
	c.wallet.asked.Store(price)
	c.wallet.priceRead = time.Now()
}

// MaxGas returns the most gas that an endpoint may ask for a message.
var MaxGas = maxGas
