package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/transfer/blob"
)

// findSize returns the size of a blob: the store's if it holds the whole blob, else
// what a source states and its last segment proves. Several sources are asked at a time,
// because most of them may not have the blob, or not answer. by is the source that proved
// the size; it is empty if the store did.
func (c *Client) findSize(ctx context.Context, from Sources, id pdx.ContentID, proof *lastSegment) (size uint64, by peer.ID, err error) {
	if info, err := c.store.Stat(ctx, id); err == nil && info.Complete {
		return info.Size, "", nil
	}
	sources := firstOf(ctx, from)
	if len(sources) == 0 {
		return 0, "", errNoSource
	}
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex // guards the results
	var errs []error
	var asked sync.WaitGroup
	slots := make(chan struct{}, c.limits.sizeProbes)
	for _, source := range sources {
		asked.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if asking.Err() != nil {
				return
			}
			var last lastSegment
			proven, err := c.provenSize(asking, source, id, &last)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && size == 0:
				size, by, *proof = proven, source, last
				cancel()
			case err != nil:
				errs = append(errs, err)
			}
		})
	}
	asked.Wait()
	if size == 0 {
		return 0, "", cmp.Or(ctx.Err(), errors.Join(errs...))
	}
	return size, by, nil
}

// firstOf returns the sources that are named first.
func firstOf(ctx context.Context, from Sources) (first []peer.ID) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from.Watch(ctx, func(now []peer.ID) {
		if first == nil && len(now) > 0 {
			first = slices.Clone(now)
			cancel()
		}
	})
	return first
}

// provenSize returns the size that one source states and proves by the last segment.
func (c *Client) provenSize(ctx context.Context, from peer.ID, id pdx.ContentID, proof *lastSegment) (uint64, error) {
	defer connmgr.Begin(c.host, from).End()
	size, err := c.patiently(ctx, func() (uint64, error) { return c.probe(ctx, from, request{id: id}, 0, proof) })
	switch {
	case err != nil:
		return 0, err
	case size > c.maxSize:
		return 0, &PeerError{from, fmt.Errorf("%w: stated size is %d bytes: the limit is %d where the size is not known beforehand",
			pdx.ErrInvalid, size, c.maxSize)}
	case size == 0:
		return 0, &PeerError{from, fmt.Errorf("stated size is 0 for a blob that is not empty: %w", pdx.ErrCorrupt)}
	}
	last := request{id: id, runs: bao.Ranges{{First: bao.Segments(size) - 1, Count: 1}}}
	return c.patiently(ctx, func() (uint64, error) { return c.probe(ctx, from, last, size, proof) })
}

// patiently repeats ask while the peer is busy, for as long as the retry policy allows.
func (c *Client) patiently(ctx context.Context, ask func() (uint64, error)) (uint64, error) {
	end := time.Now().Add(c.limits.retry.Patience)
	for {
		size, err := ask()
		wait, busy := c.limits.retry.IsBusy(err)
		if !busy || time.Now().Add(wait).After(end) {
			return size, err
		}
		if err := lifecycle.Sleep(ctx, wait); err != nil {
			return 0, err
		}
	}
}

// lastSegment is the sink for the segment that proves a size.
type lastSegment struct {
	number uint64
	data   []byte // nil before it came
}

func (*lastSegment) PutNode(uint64, bao.Node) error { return nil }

// PutSegment keeps a copy of the verified segment.
func (l *lastSegment) PutSegment(number uint64, data []byte) error {
	l.number, l.data = number, slices.Clone(data)
	return nil
}

// keepIn stores the segment if it is the whole blob, so that a small document is not
// fetched twice. Of a larger blob it is fetched again, with its nodes.
func (l *lastSegment) keepIn(part blob.Partial, size uint64) error {
	if l.data == nil || bao.Segments(size) != 1 || part.NextMissing(0, 1).Count == 0 {
		return nil
	}
	return part.PutSegment(l.number, l.data)
}
