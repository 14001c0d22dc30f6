package perf

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx"
)

// share is how many bytes go each way.
type share struct{ up, down uint64 }

// split divides them among at most n streams, each of which has a step at least, if
// there is so much. The first takes what does not divide.
func (s share) split(n int) []share {
	n = int(max(1, min(uint64(n), max(s.up, s.down)/step)))
	shares := slices.Repeat([]share{{s.up / uint64(n), s.down / uint64(n)}}, n)
	shares[0].up += s.up % uint64(n)
	shares[0].down += s.down % uint64(n)
	return shares
}

// part is one stream of a measurement and its share.
type part struct {
	share
	stream network.Stream
	stop   func() bool // it is not reset with its context any more
}

// send sends the share of a stream, until the peer has it all.
func (p *part) send(m *meter) error {
	if err := m.send(p.stream, p.up); err != nil {
		return err
	}
	return expectGo(p.stream)
}

func (p *part) receive(m *meter) error { return m.receive(p.stream, p.down) }

func (p *part) reset() {
	p.stop()
	_ = p.stream.Reset()
}

// streams are those of a measurement. The first decides how it ends.
type streams []*part

// there leaves out those that are nil.
func (ps streams) there() streams {
	return slices.DeleteFunc(ps, func(p *part) bool { return p == nil })
}

func (ps streams) reset() {
	for _, p := range ps {
		p.reset()
	}
}

// each measures a direction on all streams at once and returns those that went
// through: further streams that fail have no part in what comes. errLong when it
// took MaxTime.
func (ps streams) each(m *meter, do func(*part, *meter) error) (streams, error) {
	errs := make([]error, len(ps))
	var group sync.WaitGroup
	for i, p := range ps {
		group.Go(func() {
			if errs[i] = m.on(p, do); i == 0 && errs[i] != nil {
				ps.reset() // nothing more is measured
			}
		})
	}
	group.Wait()
	if errs[0] != nil && !errors.Is(errs[0], errLong) {
		return nil, errs[0]
	}
	some := m.done()
	switch {
	case some && slices.Contains(errs, errLong):
		return nil, errLong
	case errs[0] != nil:
		return nil, fmt.Errorf("%w: nothing came through in %v", pdx.ErrUnavailable, MaxTime)
	}
	through := make(streams, 0, len(ps))
	for i, p := range ps {
		if errs[i] == nil {
			through = append(through, p)
		}
	}
	return through, nil
}

// on measures a direction on one stream.
func (m *meter) on(p *part, do func(*part, *meter) error) error {
	if err := p.stream.SetDeadline(m.end()); err != nil {
		return err
	}
	if err := do(p, m); err != nil {
		return m.cut(err)
	}
	return nil
}
