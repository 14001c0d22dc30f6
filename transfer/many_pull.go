package transfer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
)

// manyPull is one PullMany under way.
type manyPull struct {
	*Client
	from     peer.ID
	saver    *batchSaver
	seen     *route
	all      *activity
	progress func(held, total int)
	total    int
	stop     context.CancelFunc
	group    sync.WaitGroup // of lanes

	mu      sync.Mutex
	queue   []pdx.ContentID            // to be asked for
	open    map[pdx.ContentID]struct{} // not durable here, and not refused
	refused map[pdx.ContentID]error
	err     error // what ended the pull
	busy    time.Time
	fails   int // in a row, with nothing verified in between
	failed  time.Time
}

func newManyPull(c *Client, from peer.ID, missing []pdx.ContentID, asked int, progress func(held, total int)) *manyPull {
	if progress == nil {
		progress = func(int, int) {}
	}
	p := &manyPull{
		Client: c, from: from, progress: progress, total: asked, queue: missing,
		open: make(map[pdx.ContentID]struct{}, len(missing)), refused: make(map[pdx.ContentID]error),
	}
	for _, id := range missing {
		p.open[id] = struct{}{}
	}
	p.saver = newBatchSaver(c, p.saved, p.end)
	return p
}

// left tells whether there is something to ask for.
func (p *manyPull) left() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue) > 0
}

// take is the next frame, nil when there is none.
func (p *manyPull) take() []pdx.ContentID {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(MaxManyRoots, len(p.queue))
	if n == 0 {
		return nil
	}
	frame := p.queue[:n:n]
	p.queue = p.queue[n:]
	return frame
}

// giveBack puts what was not answered back.
func (p *manyPull) giveBack(ids []pdx.ContentID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, ids...)
}

// end ends the pull for that reason; the first counts.
func (p *manyPull) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return
	}
	p.err = err
	p.stop()
	p.seen.ended(err)
	var of *PeerError
	if errors.As(err, &of) && errors.Is(err, pdx.ErrCorrupt) {
		p.metrics.badPeers.Inc()
		p.log.Warn("peer sent wrong bytes", "peer_id", p.from, "error", err)
	}
}

// refuse notes that the peer does not give a blob.
func (p *manyPull) refuse(id pdx.ContentID, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, id)
	p.refused[id] = &PeerError{Peer: p.from, Err: err}
}

// verified counts a blob of n bytes that is right.
func (p *manyPull) verified(n int) {
	p.mu.Lock()
	p.fails, p.busy = 0, time.Time{}
	p.mu.Unlock()
	p.seen.moved(n)
	p.all.held.Add(uint64(n))
	p.all.size.Add(uint64(n))
	p.metrics.pulledBytes.Add(float64(n))
}

// saved notes that blobs are durable.
func (p *manyPull) saved(ids []pdx.ContentID) {
	p.mu.Lock()
	for _, id := range ids {
		delete(p.open, id)
	}
	p.mu.Unlock()
	p.metrics.batchPulled.Add(float64(len(ids)))
	p.tell()
}

// tell reports progress; the saver calls it for one batch after another.
func (p *manyPull) tell() {
	p.mu.Lock()
	held := p.total - len(p.open) - len(p.refused)
	p.mu.Unlock()
	p.progress(held, p.total)
}

// failures are the blobs that are not here, and why; err is of those that were
// not answered.
func (p *manyPull) failures(err error) map[pdx.ContentID]error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.open {
		p.refused[id] = err
	}
	if len(p.refused) == 0 {
		return nil
	}
	return p.refused
}
