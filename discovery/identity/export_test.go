package identity

import "time"

// HandshakesWithin shortens the time-out of handshakes for a test.
func (s *Service) HandshakesWithin(d time.Duration) { s.timeout = d }

// Limits that tests go against.
const MaxFrame = maxFrame

// MaxStreamsPerPeer is how many greetings of one peer are served at once.
var MaxStreamsPerPeer = limits.PerPeer

// Served is how many greetings have a slot.
func (s *Service) Served() int { return s.server.Open() }
