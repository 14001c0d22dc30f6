package transfer

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/p2p/protocol/ping"

	"github.com/medibloc/pdx/p2p/multiconn"
)

// dialled takes the round-trip time from how long it took to connect, which spares
// two more before the path is filled. It is 0 if that is not known.
func (s *source) dialled(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(s.dialContext(ctx), s.limits.dialTime)
	defer cancel()
	if c, err := s.host.Network().DialPeer(ctx, s.peer); err == nil {
		var w *multiconn.Conn
		if c.As(&w) {
			s.setRoundTrip(w.RTT())
		}
	}
	return s.roundTrip()
}

// measure takes the round-trip time from a ping.
func (s *source) measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(s.dialContext(ctx), s.limits.dialTime)
	defer cancel()
	r, ok := <-ping.Ping(ctx, s.host, s.peer)
	if !ok || r.Error != nil {
		s.setRoundTrip(s.host.Peerstore().LatencyEWMA(s.peer))
		return
	}
	s.seen.setRTT(r.RTT)
	s.setRoundTrip(r.RTT)
}

func (s *source) roundTrip() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rtt
}

// setRoundTrip keeps what is known of it; 0 is nothing.
func (s *source) setRoundTrip(rtt time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rtt > 0 {
		s.rtt = rtt
	}
}
