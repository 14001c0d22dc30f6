package validation

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"golang.org/x/time/rate"
)

// limiter is a token bucket for each address: a peer id costs nothing to make.
type limiter struct {
	mu      sync.Mutex
	buckets *lru.Cache[netip.Prefix, *rate.Limiter]
}

func newLimiter() *limiter {
	buckets, err := lru.New[netip.Prefix, *rate.Limiter](trackedAddresses)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &limiter{buckets: buckets}
}

func (l *limiter) allow(from multiaddr.Multiaddr) bool { return l.bucket(from).Allow() }

// refund gives one token back. A bucket never holds more than its burst.
func (l *limiter) refund(to multiaddr.Multiaddr) { l.bucket(to).AllowN(time.Now(), -1) }

func (l *limiter) bucket(of multiaddr.Multiaddr) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	network := networkOf(of)
	bucket, ok := l.buckets.Get(network)
	if !ok {
		bucket = rate.NewLimiter(requestRate, requestBurst)
		l.buckets.Add(network, bucket)
	}
	return bucket
}

// networkOf is the IPv4 address or the IPv6 /64, which one customer has whole.
// Peers without an IP address (relayed ones) share the zero prefix.
func networkOf(from multiaddr.Multiaddr) netip.Prefix {
	ip, err := manet.ToIP(from)
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
	return netip.PrefixFrom(addr, bits).Masked()
}
