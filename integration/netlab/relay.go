//go:build linux

package netlab

import (
	"net"
	"sync"
)

// Relay forwards TCP connections, and can hang: it still accepts connections, but nothing
// passes in either direction.
type Relay struct {
	At string // where it listens

	listener net.Listener
	dial     func() (net.Conn, error)
	work     sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	passing  chan struct{} // closed while the relay passes bytes on
	closed   chan struct{}
}

// NewRelay forwards what connects to the listener to what dial returns, until Close.
func NewRelay(listener net.Listener, dial func() (net.Conn, error)) *Relay {
	r := &Relay{
		At: listener.Addr().String(), listener: listener, dial: dial, conns: map[net.Conn]struct{}{},
		passing: make(chan struct{}), closed: make(chan struct{}),
	}
	close(r.passing)
	r.work.Go(r.accept)
	return r
}

// Hang stops the relay from passing anything on until Resume.
func (r *Relay) Hang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.passing:
		r.passing = make(chan struct{})
	default:
	}
}

// Resume undoes Hang. What was sent meanwhile arrives.
func (r *Relay) Resume() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.passing:
	default:
		close(r.passing)
	}
}

// Close ends the relay and its connections. Closing again does nothing.
func (r *Relay) Close() {
	_ = r.listener.Close()
	r.mu.Lock()
	select {
	case <-r.closed:
	default:
		close(r.closed)
	}
	for c := range r.conns {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.work.Wait()
}

func (r *Relay) accept() {
	for {
		in, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.work.Go(func() { r.serve(in) })
	}
}

func (r *Relay) serve(in net.Conn) {
	if !r.keep(in) {
		return
	}
	defer r.drop(in)
	if !r.wait() {
		return
	}
	out, err := r.dial()
	if err != nil || !r.keep(out) {
		return
	}
	defer r.drop(out)
	var back sync.WaitGroup
	back.Go(func() { r.pass(in, out) })
	r.pass(out, in)
	back.Wait()
}

// pass copies one direction; when it ends, so does the other.
func (r *Relay) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !r.wait() {
			return
		}
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}

// wait waits while the relay hangs; false means that it has ended.
func (r *Relay) wait() bool {
	r.mu.Lock()
	passing := r.passing
	r.mu.Unlock()
	select {
	case <-passing:
		return true
	case <-r.closed:
		return false
	}
}

// keep notes a connection to be closed by Close.
func (r *Relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.closed:
		_ = c.Close()
		return false
	default:
		r.conns[c] = struct{}{}
		return true
	}
}

func (r *Relay) drop(c net.Conn) {
	_ = c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
}
