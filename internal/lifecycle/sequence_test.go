package lifecycle_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/lifecycle"
)

func TestPartsStopInReverseOrder(t *testing.T) {
	var steps []string
	var p lifecycle.Sequence
	note := func(step string) func(context.Context) error {
		return func(context.Context) error { steps = append(steps, step); return nil }
	}
	p.Add("a", note("start a"), note("stop a"))
	p.Add("b", note("start b"), note("stop b"))
	require.NoError(t, p.Start(t.Context()))
	require.NoError(t, p.Stop())
	require.NoError(t, p.Stop(), "stopping is idempotent")
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, steps)
}

func TestAFailedStartStopsWhatRan(t *testing.T) {
	var stopped []string
	broken := errors.New("broken")
	var p lifecycle.Sequence
	fine := func(context.Context) error { return nil }
	p.Add("a", fine, func(context.Context) error { stopped = append(stopped, "a"); return nil })
	p.Add("b", func(context.Context) error { return broken }, func(context.Context) error { stopped = append(stopped, "b"); return nil })
	err := p.Start(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "start b")
	require.Equal(t, []string{"a"}, stopped)
}

func TestALoopEndsWithItsPart(t *testing.T) {
	var p lifecycle.Sequence
	began := make(chan struct{})
	p.Loop("loop", func(ctx context.Context) { close(began); <-ctx.Done() })
	require.NoError(t, p.Start(t.Context()))
	<-began
	require.NoError(t, p.Stop())
}
