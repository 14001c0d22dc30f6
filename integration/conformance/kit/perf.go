package kit

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	perfSection = "network.md, Measuring a path"
	perfMost    = 268_435_456
)

func perfChecks() []check {
	return []check{
		{
			id: "perf/stranger", section: perfSection, rule: "a peer without a proven account is answered 2, and the server closes", name: "perf/1",
			run: func(ctx context.Context, s *stranger) error { return s.measure(ctx, 1000, 1000, 2) },
		},
		{
			id: "perf/invalid", section: perfSection, rule: "more than 268,435,456 bytes are answered 3, and the server closes", name: "perf/1",
			run: func(ctx context.Context, s *stranger) error {
				if err := s.greet(ctx); err != nil {
					return err
				}
				return s.measure(ctx, perfMost+1, 0, 3)
			},
		},
		{
			id: "perf/measure", section: perfSection, rule: "the server takes what is sent, and sends exactly what was asked for", name: "perf/1",
			run: func(ctx context.Context, s *stranger) error {
				if err := s.greet(ctx); err != nil {
					return err
				}
				return s.measure(ctx, 100_000, 70_000, 0)
			},
		},
	}
}

// measure opens a measurement and wants the answer; 1, busy, is as good as 0.
func (s *stranger) measure(ctx context.Context, up, down uint64, want byte) error {
	t, err := s.open(ctx, "perf/1")
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint64(nil, up)
	if _, err := t.Write(binary.BigEndian.AppendUint64(head, down)); err != nil {
		return err
	}
	got, err := t.in.ReadByte()
	switch {
	case err != nil:
		return fmt.Errorf("no answer: %w", err)
	case want == 0 && got == 1:
		return nil
	case got != want:
		return fmt.Errorf("the answer is %d, it should be %d", got, want)
	case want != 0:
		return t.wantEnd()
	}
	if _, err := t.Write(make([]byte, up)); err != nil {
		return err
	}
	if got, err := t.in.ReadByte(); err != nil || got != 0 {
		return cmpErr(err, "what follows the bytes up is not 0")
	}
	if n, err := io.CopyN(io.Discard, t.in, int64(down)); err != nil {
		return fmt.Errorf("%d of %d bytes came: %w", n, down, err)
	}
	return t.wantEnd()
}
