package transfer

import (
	"context"
	"errors"
	"sync"

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
	progress func(done, total int)
	missing  []pdx.ContentID
	stop     context.CancelFunc
	group    sync.WaitGroup // of lanes
	backoff  backoff

	mu      sync.Mutex
	queue   []pdx.ContentID // to be asked for
	done    int             // how many are durable
	refused map[pdx.ContentID]error
	err     error // what ended the pull
}

func newManyPull(c *Client, from peer.ID, missing []pdx.ContentID, progress func(done, total int)) *manyPull {
	if progress == nil {
		progress = func(int, int) {}
	}
	p := &manyPull{
		Client: c, from: from, progress: progress, missing: missing, queue: missing, refused: make(map[pdx.ContentID]error),
	}
	p.saver = newBatchSaver(c, p.saved, p.end)
	return p
}

// left reports whether there is something to ask for.
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
	p.refused[id] = &PeerError{Peer: p.from, Err: err}
}

// verified counts n bytes of blobs that are right.
func (p *manyPull) verified(n int) {
	if n == 0 {
		return
	}
	p.backoff.right()
	p.seen.moved(n)
	p.all.held.Add(uint64(n))
	p.all.size.Add(uint64(n))
	p.metrics.pulledBytes.Add(float64(n))
}

// saved notes that blobs are durable.
func (p *manyPull) saved(ids []pdx.ContentID) {
	p.mu.Lock()
	p.done += len(ids)
	done := p.done
	p.mu.Unlock()
	p.all.blobsHeld.Store(uint64(done))
	p.metrics.batchPulled.Add(float64(len(ids)))
	p.progress(done, len(p.missing))
}

// failures are the blobs that are not here, and why; err is of those that were
// not answered.
func (p *manyPull) failures(ctx context.Context, err error) map[pdx.ContentID]error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		left, lookErr := p.store.Missing(ctx, p.missing)
		if lookErr != nil {
			left = p.missing
		}
		for _, id := range left {
			if p.refused[id] == nil {
				p.refused[id] = err
			}
		}
	}
	if len(p.refused) == 0 {
		return nil
	}
	return p.refused
}
