package relay

import (
	"time"

	"github.com/medibloc/pdx/internal/ratelimit"
)

// Limits bound what a Server gives away.
type Limits struct {
	// Reservations is how many peers can be reached through the server at a time.
	Reservations int
	// Circuits is how many circuits one peer may have at a time.
	Circuits int
	// AccountBytes and TotalBytes are how many bytes are relayed in 24 hours, both
	// directions together, for one account and for all. What is not used is saved up to that
	// amount.
	AccountBytes, TotalBytes uint64
	// Rate is how many bytes are relayed in a second for all; 0 means no limit.
	Rate uint64
}

const (
	// strangerBytes is what the peers of one address group that have not proven an account may
	// send and receive in 24 hours: criteria and schemas (8 MiB each at most) and handshakes,
	// after which a seller has an account with a deal.
	strangerBytes = 64 << 20
	// openBytes is what an allowance must hold for a circuit to be opened.
	openBytes = 64 << 10
	// perAddress is how many peers behind one IP address may reserve: a clinic.
	perAddress = 16
	// perAccount is how many peers of one account may reserve: peer ids cost nothing.
	perAccount = 4
	// bufferSize is for each direction of a circuit, in bytes: half a window of yamux would
	// be no faster.
	bufferSize = 32 << 10
	// reservationTTL is the library's. A client renews two minutes before its end.
	reservationTTL = time.Hour
	// admitTime bounds the question whether an account has something at stake.
	admitTime = 5 * time.Second
	// maxMetered bounds the accounts and the address groups with a meter of their own, about
	// 100 bytes each; further ones share a meter.
	maxMetered = 8192
	// day is the time in which the allowances refill.
	day = 24 * time.Hour
	// maxRateWait is the longest wait for Limits.Rate; beyond it the circuit is cut, since the
	// streams of a peer that cannot keep up would time out anyway.
	maxRateWait = 10 * time.Second
)

// asks bounds the requests of one address group: a client sends one an hour for each relay
// and one for each circuit.
var asks = ratelimit.Rate{PerSecond: 1, Burst: 64}

const (
	// retryAfter is the pause before a relay that refused is asked again.
	retryAfter = 30 * time.Second
	// candidatesEvery is the least time between two searches for relays.
	candidatesEvery = 2 * time.Second
	// relays is how many reservations a node keeps: one relay may fail at any time.
	relays = 2
	// firstCheck and checkEvery are when a new reservation and an old one are checked, and
	// checkTime is how long a check may take: a connection, and three round trips.
	firstCheck = 5 * time.Second
	checkEvery = 5 * time.Minute
	checkTime  = 20 * time.Second
	// maxFailures is after how many failed checks in a row a relay is left out, for
	// avoidTime. At most maxAvoided are remembered.
	maxFailures = 2
	avoidTime   = time.Hour
	maxAvoided  = 256
	// slowTrip is the round-trip time over a relay from which on a check has failed.
	slowTrip = 5 * time.Second
)
