package transfer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/errgroup"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/content"
)

// pulling is one pull under way: workers take runs from one plan, each from its
// source, and put them into one Partial.
type pulling struct {
	*Client
	id       pdx.ContentID
	size     uint64
	part     blob.Partial
	progress func(held, total uint64)

	mu      sync.Mutex
	next    uint64 // segments before it are held or under way
	pending uint64 // bytes put since the last checkpoint
	claimed time.Time
}

func newPulling(c *Client, id pdx.ContentID, size uint64, part blob.Partial, progress func(held, total uint64)) *pulling {
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	return &pulling{Client: c, id: id, size: size, part: part, progress: progress, claimed: time.Now()}
}

// run pulls what is missing. The first failure ends it.
func (p *pulling) run(ctx context.Context, sources []peer.ID) error {
	p.progress(p.part.Written(), p.size)
	group, ctx := errgroup.WithContext(ctx)
	for _, from := range sources {
		for range p.limits.streams {
			group.Go(func() error { return p.work(ctx, from) })
		}
	}
	return group.Wait()
}

// work asks one source for one batch of runs after another.
func (p *pulling) work(ctx context.Context, from peer.ID) error {
	for {
		runs := p.take()
		if len(runs) == 0 {
			return ctx.Err()
		}
		err := p.patiently(ctx, func() error {
			_, err := p.fetch(ctx, from, request{id: p.id, runs: runs}, p.size, p)
			return err
		})
		if err != nil {
			return err
		}
	}
}

// take plans the next request: missing runs that nobody was asked for.
func (p *pulling) take() (runs content.Ranges) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for room := p.limits.runSegments; room > 0 && len(runs) < MaxRanges; {
		run := p.part.NextMissing(p.next, room)
		if run.Count == 0 {
			break
		}
		runs, room, p.next = append(runs, run), room-run.Count, run.End()
	}
	return runs
}

// PutNode keeps a verified node.
func (p *pulling) PutNode(split uint64, n content.Node) error { return p.part.PutNode(split, n) }

// PutSegment keeps a verified segment, and claims what is kept when it is time.
func (p *pulling) PutSegment(i uint64, data []byte) error {
	if err := p.part.PutSegment(i, data); err != nil {
		return err
	}
	if p.due(len(data)) {
		return p.part.Checkpoint(context.Background()) // not half a checkpoint because the caller went
	}
	return nil
}

// due counts n bytes and tells whether they are due for a checkpoint.
func (p *pulling) due(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.progress(p.part.Written(), p.size)
	p.pending += uint64(n)
	if p.pending < p.limits.checkpointEvery(p.size) && time.Since(p.claimed) < p.limits.checkpointTime {
		return false
	}
	p.pending, p.claimed = 0, time.Now()
	return true
}

// patiently repeats ask while the peer says busy, until patience ends.
func (c *Client) patiently(ctx context.Context, ask func() error) error {
	end := time.Now().Add(c.limits.patience)
	for {
		err := ask()
		var busy *busyError
		if !errors.As(err, &busy) {
			return err
		}
		wait := max(busy.after, minBusyWait)
		if time.Now().Add(wait).After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// minBusyWait keeps a server that says "busy, come back at once" from making us
// spin.
const minBusyWait = 50 * time.Millisecond
