package node

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPartsStopInReverseOrder(t *testing.T) {
	var steps []string
	var p parts
	note := func(step string) func(context.Context) error {
		return func(context.Context) error { steps = append(steps, step); return nil }
	}
	p.add("a", note("start a"), note("stop a"))
	p.add("b", note("start b"), note("stop b"))
	require.NoError(t, p.start(t.Context()))
	require.NoError(t, p.stop())
	require.NoError(t, p.stop(), "stopping is idempotent")
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, steps)
}

func TestAFailedStartStopsWhatRan(t *testing.T) {
	var stopped []string
	broken := errors.New("broken")
	var p parts
	fine := func(context.Context) error { return nil }
	p.add("a", fine, func(context.Context) error { stopped = append(stopped, "a"); return nil })
	p.add("b", func(context.Context) error { return broken }, func(context.Context) error { stopped = append(stopped, "b"); return nil })
	err := p.start(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "start b")
	require.Equal(t, []string{"a"}, stopped)
}

func TestALoopEndsWithItsPart(t *testing.T) {
	var p parts
	began := make(chan struct{})
	p.loop("loop", func(ctx context.Context) { close(began); <-ctx.Done() })
	require.NoError(t, p.start(t.Context()))
	<-began
	require.NoError(t, p.stop())
}
