package transfer

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/transfer/blob"
)

// Follow is PullFrom, and has the blob read from its beginning while it is pulled: read is
// called once, in a goroutine of its own, with a reader that has each byte as soon as it is
// verified and stored, and everything before it. A slow reader does not slow the pull: what it
// has not read yet is in the store. If the pull fails, so does the reader.
//
// Follow returns when pull and read have ended, with what the pull came to.
func (c *Client) Follow(
	ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64), read func(io.Reader),
) ([]*PeerError, error) {
	f := &follower{news: notify.New()}
	over := make(chan struct{})
	go func() {
		defer close(over)
		read(f)
	}()
	liars, err := c.pullFor(ctx, from, id, size, func(held, total uint64) {
		f.news.Set()
		if progress != nil {
			progress(held, total)
		}
	}, f)
	var whole blob.Blob
	failed := err
	if err == nil {
		if whole, failed = c.store.Open(ctx, id); failed == nil {
			defer whole.Close()
		}
	}
	f.end(whole, failed)
	<-over
	return liars, err
}

// follower reads a blob that is being pulled. One goroutine reads it.
type follower struct {
	news notify.Signal // set when there may be more

	mu    sync.Mutex // guards what is below; segments are read under it, so that they are there
	part  blob.SegmentReader
	size  uint64
	whole blob.Blob // when it is
	err   error     // why it will not be
	ended bool

	at   uint64 // bytes read, but for rest
	buf  []byte
	rest []byte // of buf
}

// begin is called when the pull has its Partial.
func (f *follower) begin(part blob.Partial, size uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.size = size
	f.part, _ = part.(blob.SegmentReader) // without it, all is read when the blob is whole
	f.news.Set()
}

// end is called when the pull is over, with the whole blob or an error.
func (f *follower) end(whole blob.Blob, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.part, f.whole, f.err, f.ended = nil, whole, err, true
	if whole != nil {
		f.size = whole.Size()
	}
	f.news.Set()
}

// Read implements io.Reader.
func (f *follower) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		n, ready, err := f.next()
		switch {
		case err != nil:
			return 0, err
		case ready:
			f.rest = f.buf[:n]
			f.at += uint64(n)
		default:
			<-f.news
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// next reads the next segment, if it is here.
func (f *follower) next() (n int, ready bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.buf == nil {
		f.buf = make([]byte, bao.SegmentSize)
	}
	switch {
	case f.err != nil:
		return 0, false, f.err
	case f.ended && f.at == f.size:
		return 0, false, io.EOF
	case f.whole != nil:
		n, err := f.whole.ReadAt(f.buf[:min(bao.SegmentSize, f.size-f.at)], int64(f.at))
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if err == nil && n == 0 {
			err = io.ErrUnexpectedEOF
		}
		return n, n > 0, err
	case f.part == nil || f.at == f.size: // the end is an end when the blob is whole
		return 0, false, nil
	}
	n, err = f.part.ReadSegment(f.at/bao.SegmentSize, f.buf)
	if errors.Is(err, pdx.ErrNotFound) {
		return 0, false, nil
	}
	return n, err == nil, err
}
