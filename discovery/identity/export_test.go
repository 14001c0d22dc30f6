package identity

import "time"

// HandshakesWithin shortens the time-out of handshakes for a test.
func (s *Service) HandshakesWithin(d time.Duration) { s.timeout = d }

// Limits that tests go against.
const (
	MaxStreamsPerPeer = maxStreamsPerPeer
	MaxStreams        = maxStreams
	MaxFrame          = maxFrame
)

// Served is how many greetings are being served.
func (s *Service) Served() int {
	s.places.mu.Lock()
	defer s.places.mu.Unlock()
	return s.places.total
}
