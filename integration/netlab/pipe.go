//go:build linux

package netlab

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// pipe carries packets one way and holds each for delay.
type pipe struct {
	from, to *tun
	delay    time.Duration
	loss     float64
	flight   *ring
	cut      atomic.Bool
	closed   chan struct{}
	done     sync.WaitGroup

	packets, bytes, lost, dropped atomic.Uint64
}

func newPipe(from, to *tun, link Link) *pipe {
	p := &pipe{from: from, to: to, delay: link.RTT / 2, loss: link.Loss, flight: newRing(link.flight()), closed: make(chan struct{})}
	p.done.Go(p.read)
	p.done.Go(p.write)
	return p
}

// read takes packets until the device is closed.
func (p *pipe) read() {
	defer p.flight.close()
	spill := make([]byte, maxPacket)
	for {
		room := p.flight.reserve()
		full := room == nil
		if full {
			room = spill
		}
		n, err := p.from.Read(room)
		if err != nil {
			return
		}
		p.packets.Add(1)
		p.bytes.Add(uint64(n - header))
		switch {
		case full, p.cut.Load():
			p.dropped.Add(1)
		case p.loss > 0 && rand.Float64() < p.loss:
			p.lost.Add(1)
		default:
			p.flight.push(n, time.Now().Add(p.delay))
		}
	}
}

// write gives packets to the other side when their time has come.
func (p *pipe) write() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for packet := range p.flight.packets {
		if wait := time.Until(packet.due); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-p.closed:
				return
			}
		}
		if _, err := p.to.Write(packet.data); err != nil {
			p.dropped.Add(1)
		}
		p.flight.free(packet)
	}
}

// stop waits for the end; from must be closed.
func (p *pipe) stop() {
	close(p.closed)
	p.done.Wait()
}

func (p *pipe) stats() Stats {
	return Stats{Packets: p.packets.Load(), Bytes: p.bytes.Load(), Lost: p.lost.Load(), Dropped: p.dropped.Load()}
}
