package activity

import (
	"math"
	"sync"
	"time"
)

// meterTime is the time over which a Meter forgets: bytes that came before it count
// for a third or less.
const meterTime = 2 * time.Second

// A Meter measures a rate: bytes a second, over about meterTime. Its zero value
// has measured nothing.
type Meter struct {
	mu    sync.Mutex
	start time.Time
	at    time.Time // of the last sum
	sum   float64   // bytes, fading
}

func (m *Meter) fade(now time.Time) {
	if m.at.IsZero() {
		m.start = now
	} else {
		m.sum *= math.Exp(-now.Sub(m.at).Seconds() / meterTime.Seconds())
	}
	m.at = now
}

// Add counts n bytes now; 0 starts the clock.
func (m *Meter) Add(n int) { m.addAt(n, time.Now()) }

func (m *Meter) addAt(n int, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fade(now)
	m.sum += float64(n)
}

// BytesPerSecond returns the rate; 0 before anything was measured.
func (m *Meter) BytesPerSecond() float64 { return m.rateAt(time.Now()) }

func (m *Meter) rateAt(now time.Time) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at.IsZero() {
		return 0
	}
	// A source of constant rate r that began T ago has sum = r·τ·(1 − e^(−T/τ)).
	tau := meterTime.Seconds()
	weight := tau * (1 - math.Exp(-now.Sub(m.start).Seconds()/tau))
	if weight < 0.001 {
		return 0
	}
	return m.sum * math.Exp(-now.Sub(m.at).Seconds()/tau) / weight
}
