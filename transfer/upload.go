package transfer

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/ratelimit"
)

// An Upload limits the rate at which a Server sends to all pullers together. Rates are
// in bytes per second; 0 means no limit. During Hours their own rate applies instead of
// Rate; if several match, that of the first.
type Upload struct {
	Rate  uint64
	Hours []Hours
}

// Hours are a period of every day with its own rate.
type Hours struct {
	From, To time.Duration // since midnight, local time; a period with To before From passes midnight
	Rate     uint64
}

// LeastUpload is the lowest upload limit that ParseUpload accepts, in bytes per second.
// Below it, pullers would give up before a segment arrives.
const LeastUpload = 32 << 10

// day is the end of the last hour.
const day = 24 * time.Hour

// ParseUpload parses a rate such as "10 MiB", in bytes per second, and hours such as
// "08:00-18:00 2 MiB". An empty rate, "0" and "unlimited" mean no limit. It returns
// pdx.ErrInvalid for anything else, and for a rate below LeastUpload.
func ParseUpload(rate string, hours []string) (u Upload, err error) {
	if u.Rate, err = parseRate(rate); err != nil {
		return Upload{}, err
	}
	for _, text := range hours {
		h, err := parseHours(text)
		if err != nil {
			return Upload{}, err
		}
		u.Hours = append(u.Hours, h)
	}
	return u, nil
}

func parseRate(text string) (uint64, error) {
	text = strings.TrimSuffix(strings.TrimSpace(text), "/s")
	if text == "" || text == "unlimited" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil {
		return 0, fmt.Errorf("rate %q: %w: write it like 10MiB, in bytes a second, or unlimited", text, pdx.ErrInvalid)
	}
	if n != 0 && n < LeastUpload {
		return 0, fmt.Errorf("rate %q: %w: at least %s, or pullers give up; unlimited is no limit",
			text, pdx.ErrInvalid, humanize.IBytes(LeastUpload))
	}
	return n, nil
}

func parseHours(text string) (h Hours, err error) {
	span, rateText, _ := strings.Cut(strings.TrimSpace(text), " ")
	from, to, ok := strings.Cut(span, "-")
	if ok {
		h.From, err = parseClock(from)
	}
	if ok && err == nil {
		h.To, err = parseClock(to)
	}
	if !ok || err != nil || h.From == h.To || strings.TrimSpace(rateText) == "" {
		return Hours{}, fmt.Errorf("hours %q: %w: write them like 08:00-18:00 2MiB", text, pdx.ErrInvalid)
	}
	h.Rate, err = parseRate(rateText)
	return h, err
}

func parseClock(text string) (time.Duration, error) {
	if text == "24:00" {
		return day, nil
	}
	t, err := time.Parse("15:04", text)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err
}

// At returns the rate that applies at that time.
func (u Upload) At(now time.Time) uint64 {
	clock := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute + time.Duration(now.Second())*time.Second
	for _, h := range u.Hours {
		if in := clock >= h.From && clock < h.To; in || h.To < h.From && (clock >= h.From || clock < h.To) {
			return h.Rate
		}
	}
	return u.Rate
}

// throttle holds a Server to its Upload.
type throttle struct {
	now func() time.Time

	mu     sync.Mutex // guards the rest
	upload Upload
	rate   uint64
	bytes  *ratelimit.Buckets[struct{}] // a token each; nil without a limit
	resize func(rate uint64)            // is told of every change
}

func newThrottle(u Upload, resize func(uint64)) *throttle {
	t := &throttle{now: time.Now, resize: resize}
	t.set(u)
	return t
}

// set changes the limit for all that is being sent, from the next step on.
func (t *throttle) set(u Upload) {
	t.mu.Lock()
	t.upload = u
	t.mu.Unlock()
	t.refresh()
}

// refresh puts the rate of now into effect, and returns its bucket.
func (t *throttle) refresh() *ratelimit.Buckets[struct{}] {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.upload.At(t.now())
	if now == t.rate {
		return t.bytes
	}
	t.rate, t.bytes = now, nil
	if now > 0 {
		t.bytes = ratelimit.New[struct{}](ratelimit.Rate{PerSecond: float64(now), Burst: 2 * writeStep, Debt: math.Inf(1)}, 1)
	}
	t.resize(now)
	return t.bytes
}

// wait returns when n more bytes may be sent, and how long that took. All that wait do so in
// the order in which they came.
func (t *throttle) wait(ctx context.Context, n int) (time.Duration, error) {
	bytes := t.refresh()
	if bytes == nil {
		return 0, nil
	}
	start := time.Now()
	pause, _ := bytes.Reserve(struct{}{}, n, math.MaxInt64, start)
	if err := lifecycle.Sleep(ctx, pause); err != nil {
		bytes.Charge(struct{}{}, -n, time.Now())
		return 0, err
	}
	return time.Since(start), nil
}
