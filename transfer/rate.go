package transfer

import (
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	manet "github.com/multiformats/go-multiaddr/net"
)

// rates bounds the requests of each network address, whatever peer ids it uses:
// a bucket of burst tokens that fills at rate a second.
type rates struct {
	rate, burst float64
	most        int
	mu          sync.Mutex
	buckets     map[netip.Prefix]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newRates(rate, burst float64, most int) *rates {
	return &rates{rate: rate, burst: burst, most: most, buckets: make(map[netip.Prefix]bucket)}
}

// allow takes a token of that address, if there is one.
func (r *rates) allow(from netip.Prefix, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, known := r.buckets[from]
	if !known && len(r.buckets) >= r.most {
		r.forget(now)
		if len(r.buckets) >= r.most { // more busy addresses than can be told apart: they share one
			from = netip.Prefix{}
			b, known = r.buckets[from]
		}
	}
	if !known {
		b = bucket{tokens: r.burst, at: now}
	}
	b.tokens = r.filled(b, now)
	b.at = now
	ok := b.tokens >= 1
	if ok {
		b.tokens--
	}
	r.buckets[from] = b
	return ok
}

func (r *rates) filled(b bucket, now time.Time) float64 {
	return min(r.burst, b.tokens+r.rate*now.Sub(b.at).Seconds())
}

// refund gives a token back to that address.
func (r *rates) refund(from netip.Prefix, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b, known := r.buckets[from]; known {
		r.buckets[from] = bucket{tokens: min(r.burst, r.filled(b, now)+1), at: now}
	}
}

// forget drops the buckets that are full again: they are as good as new.
func (r *rates) forget(now time.Time) {
	for from, b := range r.buckets {
		if r.filled(b, now) >= r.burst {
			delete(r.buckets, from)
		}
	}
}

// addressOf is what one sender can hardly have many of: an IPv4 address or an
// IPv6 /64. Connections without an IP address share the zero prefix.
func addressOf(c network.Conn) netip.Prefix {
	ip, err := manet.ToIP(c.RemoteMultiaddr())
	if err != nil {
		return netip.Prefix{}
	}
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		return netip.Prefix{}
	}
	addr = addr.Unmap()
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits) // the bits fit the family
	return p
}
