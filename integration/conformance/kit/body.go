package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// most is the largest public blob that the kit reads: a criteria document or a schema.
const most = 8 << 20

// bodyChecks read a public blob.
func bodyChecks() []check {
	return []check{
		{
			id: "body/size", section: streamsSection, rule: "a request without ranges has a status and nothing else", name: "blob/1", public: true,
			run: func(ctx context.Context, s *stranger) error {
				t, err := s.say(ctx, "blob/1", frame(&transferpb.Request{Root: s.target.Public[:]}))
				if err != nil {
					return err
				}
				if _, err := t.size(); err != nil {
					return err
				}
				return t.wantEnd()
			},
		},
		{
			id: "body/slice", section: "transfer.md, 2. Slices", name: "blob/1", public: true,
			rule: "what is sent is exactly the slice under the root",
			run:  wholeBlob,
		},
		{
			id: "body/beyond", section: streamsSection, rule: "a range beyond the blob is a BAD_REQUEST", name: "blob/1", public: true,
			run: func(ctx context.Context, s *stranger) error {
				size, err := s.publicSize(ctx)
				if err != nil {
					return err
				}
				beyond := &transferpb.Request{Root: s.target.Public[:], Ranges: []*transferpb.Range{run(bao.Segments(size), 1)}}
				return asked(frame(beyond), transferpb.Code_CODE_BAD_REQUEST)(ctx, s)
			},
		},
		{
			id: "body/pipeline", section: streamsSection, rule: "requests on one stream are answered in order, or the holder closes after an answer",
			name: "blob/1", public: true, run: pipelined,
		},
	}
}

// size reads a status that is OK.
func (t *conversation) size() (uint64, error) {
	var status transferpb.Status
	if err := t.receive(&status, blobFrame); err != nil {
		return 0, err
	}
	if status.GetCode() != transferpb.Code_CODE_OK {
		return 0, fmt.Errorf("status %v for a public blob", status.GetCode())
	}
	if status.GetSize() > most {
		return 0, fmt.Errorf("the public blob has %d bytes; name one of %d at most", status.GetSize(), most)
	}
	return status.GetSize(), nil
}

func (s *stranger) publicSize(ctx context.Context) (uint64, error) {
	t, err := s.say(ctx, "blob/1", frame(&transferpb.Request{Root: s.target.Public[:]}))
	if err != nil {
		return 0, err
	}
	defer func() { _ = t.Reset() }()
	return t.size()
}

// received collects the segments of a slice; they were verified.
type received struct{ bytes.Buffer }

func (p *received) PutNode(uint64, bao.Node) error { return nil }

func (p *received) PutSegment(_ uint64, data []byte) error {
	_, err := p.Write(data)
	return err
}

// slice reads the slice of a whole blob.
func (t *conversation) slice(s *stranger, size uint64) error {
	var got received
	if err := bao.ReadSlice(t.in, s.target.Public, size, bao.All(size), &got); err != nil {
		return fmt.Errorf("the slice does not verify: %w", err)
	}
	if uint64(got.Len()) != size {
		return errors.New("the slice has not all bytes")
	}
	return nil
}

func wholeBlob(ctx context.Context, s *stranger) error {
	size, err := s.publicSize(ctx)
	if err != nil || size == 0 {
		return err
	}
	t, err := s.say(ctx, "blob/1", frame(s.whole(size)))
	if err != nil {
		return err
	}
	if stated, err := t.size(); err != nil || stated != size {
		return cmpErr(err, "the holder states another size than before")
	}
	if err := t.slice(s, size); err != nil {
		return err
	}
	return t.wantEnd()
}

func (s *stranger) whole(size uint64) *transferpb.Request {
	return &transferpb.Request{Root: s.target.Public[:], Ranges: []*transferpb.Range{run(0, bao.Segments(size))}}
}

func pipelined(ctx context.Context, s *stranger) error {
	size, err := s.publicSize(ctx)
	if err != nil || size == 0 {
		return err
	}
	both := append(frame(s.whole(size)), frame(s.whole(size))...)
	t, err := s.say(ctx, "blob/1", both)
	if err != nil {
		return err
	}
	for i := range 2 {
		if i == 1 && t.wantEnd() == nil {
			return nil // a holder may close after any answer
		}
		if i == 1 {
			_ = t.in.UnreadByte() // wantEnd found the next answer
		}
		if _, err := t.size(); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
		if err := t.slice(s, size); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
	}
	return t.wantEnd()
}

// cmpErr returns err, or an error that says what is wrong.
func cmpErr(err error, wrong string) error {
	if err != nil {
		return err
	}
	return errors.New(wrong)
}
