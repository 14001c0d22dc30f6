package kit

import (
	"bytes"
	"context"
	"fmt"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/transferpb"
)

const manySection = "transfer.md, 6. Many small blobs"

func manyChecks() []check {
	root := random()
	checks := []check{{
		id: "blobs/unknown", section: manySection, name: "blobs/1", run: manyUnknown,
		rule: "roots that are not there do not affect the frame: OK, then NOT_FOUND or REFUSED for each",
	}, {
		id: "blobs/public", section: manySection, rule: "a small blob follows its status as a slice; one that is not small is TOO_BIG",
		name: "blobs/1", public: true, run: manyPublic,
	}}
	for _, c := range []struct {
		id, rule string
		roots    []byte
	}{
		{"none", "a frame without roots is a BAD_REQUEST", nil},
		{"length", "roots that are not of 32 bytes are a BAD_REQUEST", append(random(), 1)},
		{"twice", "a root that occurs twice is a BAD_REQUEST", append(bytes.Clone(root), root...)},
		{"hundred", "more than 100 roots are a BAD_REQUEST", roots(101)},
	} {
		checks = append(checks, check{
			id: "blobs/" + c.id, section: manySection, rule: c.rule, name: "blobs/1",
			run: func(ctx context.Context, s *stranger) error {
				t, err := s.say(ctx, "blobs/1", frame(&transferpb.Many{Roots: c.roots}))
				if err != nil {
					return err
				}
				if err := t.wantStatus(transferpb.Code_CODE_BAD_REQUEST); err != nil {
					return err
				}
				return t.wantEnd()
			},
		})
	}
	return append(checks, check{
		id: "blobs/long", section: manySection, rule: "a frame of more than 4,096 bytes is reset with 0x1004", name: "blobs/1",
		run: resets("blobs/1", frame(&transferpb.Many{Roots: roots(129)})),
	})
}

func roots(n int) (all []byte) {
	for range n {
		all = append(all, random()...)
	}
	return all
}

func manyUnknown(ctx context.Context, s *stranger) error {
	t, err := s.say(ctx, "blobs/1", frame(&transferpb.Many{Roots: roots(3)}))
	if err != nil {
		return err
	}
	if _, err := t.size(); err != nil {
		return fmt.Errorf("status of the frame: %w", err)
	}
	for i := range 3 {
		if err := t.wantStatus(transferpb.Code_CODE_NOT_FOUND, transferpb.Code_CODE_REFUSED); err != nil {
			return fmt.Errorf("root %d: %w", i+1, err)
		}
	}
	return t.wantEnd()
}

func manyPublic(ctx context.Context, s *stranger) error {
	size, err := s.publicSize(ctx)
	if err != nil || size == 0 {
		return err
	}
	t, err := s.say(ctx, "blobs/1", frame(&transferpb.Many{Roots: s.target.Public[:]}))
	if err != nil {
		return err
	}
	if _, err := t.size(); err != nil {
		return fmt.Errorf("status of the frame: %w", err)
	}
	if size > bao.SegmentSize {
		return t.wantStatus(transferpb.Code_CODE_TOO_BIG)
	}
	if stated, err := t.size(); err != nil || stated != size {
		return cmpErr(err, "the size is another one than that of blob/1")
	}
	if err := t.slice(s, size); err != nil {
		return err
	}
	return t.wantEnd()
}
