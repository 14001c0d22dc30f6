package validation

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/multiformats/go-multiaddr"
	"golang.org/x/time/rate"

	"github.com/medibloc/pdx/internal/addrgroup"
)

// limiter is a token bucket for each address group: a peer id costs nothing to make.
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
	group := addrgroup.Of(of)
	bucket, ok := l.buckets.Get(group)
	if !ok {
		bucket = rate.NewLimiter(requestRate, requestBurst)
		l.buckets.Add(group, bucket)
	}
	return bucket
}
