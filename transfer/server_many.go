package transfer

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// manyBlobs is the protocol that moves many small blobs.
var manyBlobs = kind{
	message: func() proto.Message { return new(transferpb.Many) },
	serve: func(u *upload, ctx context.Context, m proto.Message) (transferpb.Code, error) {
		return u.serveMany(ctx, m.(*transferpb.Many))
	},
}

// manyUpload is what a stream for many blobs needs from the first on that is sent.
type manyUpload struct {
	of   pdx.ContentID // the first: what the activity is known by
	seen *uploadActivity
	buf  *[bao.SegmentSize]byte // from buffers, once it had a slot
}

// serveMany answers a frame of roots, in the order that costs least when it is
// refused, as serve does.
func (u *upload) serveMany(ctx context.Context, m *transferpb.Many) (transferpb.Code, error) {
	ids, err := parseMany(m)
	if err != nil {
		return u.answer(transferpb.Code_CODE_BAD_REQUEST)
	}
	if !u.token() {
		return u.answer(transferpb.Code_CODE_BUSY)
	}
	codes, allowed := u.allowMany(ctx, ids)
	if noes := len(ids) - allowed; noes > 0 {
		u.no(noes, true)
	}
	if allowed == 0 {
		_ = u.stream.SetWriteDeadline(time.Now().Add(u.server.limits.answerTime))
		defer u.body(u.stream)()
		return u.sendMany(ctx, ids, codes, func(int) {})
	}
	u.protect()
	u.beginMany(ids[0])
	u.many.seen.Because(activity.ReasonQueued)
	grant := u.await(ctx)
	if grant == nil {
		return u.answer(transferpb.Code_CODE_BUSY)
	}
	defer u.server.queue.give(grant)
	u.many.seen.Because(activity.ReasonNone)
	paced := &pacedWriter{upload: u, ctx: ctx, grant: grant, seen: u.many.seen, end: time.Now().Add(u.server.limits.stallTime)}
	defer u.body(paced)()
	code, err := u.sendMany(ctx, ids, codes, func(n int) {
		paced.end = paced.end.Add(time.Duration(float64(n) / float64(u.server.limits.slowest) * float64(time.Second)))
	})
	if err == nil {
		u.server.queue.used(grant)
	}
	return code, err
}

// allowMany asks the authorizer about each root, several at a time.
func (u *upload) allowMany(ctx context.Context, ids []pdx.ContentID) (codes []transferpb.Code, allowed int) {
	ctx, cancel := context.WithTimeout(ctx, u.server.limits.authorizeTime)
	defer cancel()
	codes = make([]transferpb.Code, len(ids))
	var next atomic.Int64
	var group sync.WaitGroup
	var panicked atomic.Value
	for range min(u.server.limits.authorizations, len(ids)) {
		group.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panicked.Store(fmt.Sprint(p))
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(ids)); i = next.Add(1) - 1 {
				codes[i] = codeOf(u.authorize(ctx, ids[i]))
			}
		})
	}
	group.Wait()
	if p := panicked.Load(); p != nil {
		panic(p) // where a stream's panics are caught
	}
	for _, code := range codes {
		if code == transferpb.Code_CODE_OK {
			allowed++
		}
	}
	return codes, allowed
}

// sendMany writes the status of the frame, and for each root its own and, if the
// authorizer allowed it and it is here, the blob. earn is told of bytes before they are
// sent. A frame of which all was sent costs the puller's address nothing: what
// bounds such requests is the slot and the upload limit.
func (u *upload) sendMany(ctx context.Context, ids []pdx.ContentID, codes []transferpb.Code, earn func(int)) (transferpb.Code, error) {
	if err := stream.WriteFrame(u.out, &transferpb.Status{Code: transferpb.Code_CODE_OK}); err != nil {
		return 0, err
	}
	sent, lacks := 0, 0
	for i, id := range ids {
		code := codes[i]
		var data []byte
		if code == transferpb.Code_CODE_OK {
			if data, code = u.small(ctx, id); code != transferpb.Code_CODE_OK {
				lacks++
			}
			earn(len(data))
		}
		if err := u.sendSmall(code, data); err != nil {
			return 0, err
		}
		if code == transferpb.Code_CODE_OK {
			sent++
		}
	}
	if err := u.out.Flush(); err != nil {
		return 0, fmt.Errorf("send blobs: %w", err)
	}
	u.server.metrics.batchServed.Add(float64(sent))
	if u.many != nil {
		u.many.seen.all.BlobsHeld.Add(uint64(sent))
	}
	switch {
	case sent == len(ids):
		u.refund()
	case lacks > 0:
		u.no(lacks, sent+lacks == len(ids))
	}
	return transferpb.Code_CODE_OK, nil
}

// small reads a blob, verified, or is why it is not sent.
func (u *upload) small(ctx context.Context, id pdx.ContentID) ([]byte, transferpb.Code) {
	if u.many.buf == nil {
		u.many.buf = buffers.Get().(*[bao.SegmentSize]byte)
	}
	data, err := u.server.store.Small(ctx, id, u.many.buf[:])
	code := codeOf(err)
	if code == transferpb.Code_CODE_FAILED {
		u.log.Error("blob cannot be served", "cid", id, "error", err)
	}
	return data, code
}

func (u *upload) sendSmall(code transferpb.Code, data []byte) error {
	head := appendStatus(make([]byte, 0, 32), code, uint64(len(data)))
	if len(data) > 0 {
		head = binary.LittleEndian.AppendUint64(head, uint64(len(data)))
	}
	_, err := u.out.Write(head)
	if err == nil {
		_, err = u.out.Write(data)
	}
	if err != nil {
		return fmt.Errorf("send blob: %w", err)
	}
	return nil
}

// appendStatus is the frame of a Status, made without package proto: in it a
// hundred thousand of them take as long as the bytes that they announce.
func appendStatus(b []byte, code transferpb.Code, size uint64) []byte {
	start := len(b)
	b = append(b, 0) // the length: less than 128
	if code != 0 {
		b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.VarintType), uint64(code))
	}
	if size != 0 {
		b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), size)
	}
	b[start] = byte(len(b) - start - 1)
	return b
}

// beginMany makes the activity of the stream, once.
func (u *upload) beginMany(first pdx.ContentID) {
	if u.many == nil {
		u.many = &manyUpload{of: first, seen: u.server.uploads.begin(u.stream.Peer(), first, 0, u.stream.Conn())}
	}
}

// endMany ends it.
func (u *upload) endMany() {
	if u.many == nil {
		return
	}
	u.server.uploads.end(u.stream.Peer(), u.many.of)
	if u.many.buf != nil {
		buffers.Put(u.many.buf)
	}
}
