package kit

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/transfer/transferpb"
)

const (
	streamsSection = "transfer.md, 3. Streams and frames"
	blobFrame      = 4096

	notRequest network.StreamErrorCode = 0x1004
)

// random returns the root of a blob that nobody has.
func random() []byte {
	root := make([]byte, 32)
	_, _ = rand.Read(root)
	return root
}

func run(first, count uint64) *transferpb.Range { return &transferpb.Range{First: first, Count: count} }

func many(n int) (all []*transferpb.Range) {
	for i := range n {
		all = append(all, run(uint64(2*i), 1))
	}
	return all
}

// ranges is a request about a blob that nobody has.
func ranges(all ...*transferpb.Range) *transferpb.Request {
	return &transferpb.Request{Root: random(), Ranges: all}
}

// blobChecks need no blob: form is judged before anything else.
func blobChecks() []check {
	checks := []check{{
		id: "blob/unknown", section: streamsSection, name: "blob/1",
		rule: "a blob that is not there is NOT_FOUND or REFUSED, with size 0, and the holder closes",
		run:  asked(frame(&transferpb.Request{Root: random()}), transferpb.Code_CODE_NOT_FOUND, transferpb.Code_CODE_REFUSED),
	}, {
		id: "blob/unknown-field", section: "README.md, Conventions of all pages", rule: "unknown fields are ignored", name: "blob/1",
		run: asked(unknownField(), transferpb.Code_CODE_NOT_FOUND, transferpb.Code_CODE_REFUSED),
	}}
	for _, c := range []struct {
		id, rule string
		request  *transferpb.Request
	}{
		{"root", "a root that has not 32 bytes is a BAD_REQUEST", &transferpb.Request{Root: random()[:31]}},
		{"no-root", "a request without a root is a BAD_REQUEST", &transferpb.Request{}},
		{"empty-range", "a range of no segment is a BAD_REQUEST", ranges(run(0, 0))},
		{"overlap", "ranges that overlap are a BAD_REQUEST", ranges(run(0, 2), run(1, 1))},
		{"order", "ranges out of order are a BAD_REQUEST", ranges(run(5, 1), run(0, 1))},
		{"ranges", "more than 64 ranges are a BAD_REQUEST", ranges(many(65)...)},
		{"segments", "more than 256 segments are a BAD_REQUEST", ranges(run(0, 257))},
		{"overflow", "a range that ends beyond 2^64 is a BAD_REQUEST", ranges(run(1<<64-1, 2))},
	} {
		checks = append(checks, check{
			id: "blob/" + c.id, section: streamsSection, rule: c.rule, name: "blob/1",
			run: asked(frame(c.request), transferpb.Code_CODE_BAD_REQUEST),
		})
	}
	for _, c := range []struct {
		id, rule string
		bytes    []byte
	}{
		{"long", "a frame of more than 4,096 bytes is reset with 0x1004", frame(&transferpb.Request{Root: make([]byte, blobFrame+1)})},
		{"varint", "a length that is not minimal is reset with 0x1004", padded(&transferpb.Request{Root: random()})},
		{"garbage", "a frame that is no Request is reset with 0x1004", []byte{3, 0xff, 0xff, 0xff}},
	} {
		checks = append(checks, check{id: "blob/" + c.id, section: streamsSection, rule: c.rule, name: "blob/1", run: resets("blob/1", c.bytes)})
	}
	return append(checks, check{
		id: "blob/cut-short", section: streamsSection, rule: "a stream that ends within a frame is reset", name: "blob/1",
		run: resets("blob/1", frame(&transferpb.Request{Root: random()})[:20], network.StreamNoError),
	})
}

// unknownField is a request with a field that no version has.
func unknownField() []byte {
	raw := frame(&transferpb.Request{Root: random()})[1:]
	raw = append(raw, 0xba, 0x3e, 2, 1, 2) // field 999, two bytes
	return append([]byte{byte(len(raw))}, raw...)
}

// resets sends bytes that are no request, which has a code of its own, or one of others.
func resets(name string, bytes []byte, others ...network.StreamErrorCode) func(context.Context, *stranger) error {
	return func(ctx context.Context, s *stranger) error {
		t, err := s.say(ctx, name, bytes)
		if err != nil {
			return err
		}
		return t.wantReset(append(others, notRequest)...)
	}
}

// asked sends a request and wants one of some codes, and then the end of the stream.
func asked(request []byte, codes ...transferpb.Code) func(context.Context, *stranger) error {
	return func(ctx context.Context, s *stranger) error {
		t, err := s.say(ctx, "blob/1", request)
		if err != nil {
			return err
		}
		if err := t.wantStatus(codes...); err != nil {
			return err
		}
		return t.wantEnd()
	}
}

// wantStatus reads a status that is a refusal.
func (t *conversation) wantStatus(codes ...transferpb.Code) error {
	var status transferpb.Status
	if err := t.receive(&status, blobFrame); err != nil {
		return err
	}
	if status.GetSize() != 0 {
		return fmt.Errorf("status %v has size %d, it should be 0", status.GetCode(), status.GetSize())
	}
	for _, code := range codes {
		if status.GetCode() == code {
			return nil
		}
	}
	return fmt.Errorf("status %v, it should be one of %v", status.GetCode(), codes)
}
