package perf

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// errLong: a direction took MaxTime, which is no failure.
var errLong = errors.New("measured for as long as is allowed")

// meter measures one direction, on any number of streams at once.
type meter struct {
	begun time.Time

	mu       sync.Mutex // also keeps progress from being told twice at a time
	sample   Sample
	told     time.Time
	progress func(Sample)
}

// tellEvery is how often progress is told.
const tellEvery = 200 * time.Millisecond

func newMeter(d Direction, progress func(Sample)) *meter {
	if progress == nil {
		progress = func(Sample) {}
	}
	now := time.Now()
	return &meter{sample: Sample{Direction: d}, begun: now, told: now, progress: progress}
}

// end is when the direction has been measured long enough.
func (m *meter) end() time.Time { return m.begun.Add(MaxTime) }

func (m *meter) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sample.Bytes += uint64(n)
	if now := time.Now(); now.Sub(m.told) >= tellEvery {
		m.told, m.sample.Took = now, now.Sub(m.begun)
		m.progress(m.sample)
	}
}

// done tells the last sample, if anything was measured, and whether it was.
func (m *meter) done() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sample.Bytes == 0 {
		return false
	}
	m.sample.Took, m.sample.Done = time.Since(m.begun), true
	m.progress(m.sample)
	return true
}

// cut tells the end of a direction's time from failures.
func (m *meter) cut(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() && !time.Now().Before(m.end()) {
		return errLong
	}
	return err
}

func (m *meter) send(w io.Writer, n uint64) error {
	zeros := make([]byte, step)
	for n > 0 {
		k, err := w.Write(zeros[:min(n, step)])
		m.add(k)
		if err != nil {
			return fmt.Errorf("send: %w", err)
		}
		n -= uint64(k)
	}
	return nil
}

func (m *meter) receive(r io.Reader, n uint64) error {
	buffer := make([]byte, step)
	for n > 0 {
		k, err := r.Read(buffer[:min(n, step)])
		m.add(k)
		n -= uint64(k)
		if err != nil && n > 0 {
			return fmt.Errorf("receive: %w", err)
		}
	}
	return nil
}
