package client

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
)

func TestEndpointHealth(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var h health
	require.Zero(t, h.leftUntil(now))
	for range 3 {
		h.leave(now, errors.New("dead"))
	}
	require.Equal(t, now.Add(4*leavePause.First), h.leftUntil(now), "longer each time")
	require.Zero(t, h.leftUntil(now.Add(4*leavePause.First)))
	for range 1000 {
		h.leave(now, errors.New("dead"))
	}
	require.Equal(t, now.Add(leavePause.Most), h.leftUntil(now))
	h.answered()
	require.Zero(t, h.leftUntil(now))
	require.Empty(t, h.trouble)

	h.leave(now, fmt.Errorf("deal 1: %w", &light.Lie{Source: "it", What: "shows another price"}))
	h.leave(now, errors.New("dead"))
	h.answered()
	h.proved(now.Add(leaveLiar - time.Second))
	require.True(t, h.lied)
	require.Contains(t, h.trouble, "another price")
	require.Equal(t, now.Add(leaveLiar), h.leftUntil(now))
	h.answered()
	require.True(t, h.lied, "time alone redeems nobody")
	h.proved(now.Add(leaveLiar))
	require.False(t, h.lied)
	require.Empty(t, h.trouble)
}

func TestFailures(t *testing.T) {
	down, other := fmt.Errorf("a: %w", pdx.ErrUnavailable), fmt.Errorf("b: %w", pdx.ErrInvalid)
	require.Equal(t, down, failures{down}.error())
	both := failures{down, other}.error()
	require.ErrorIs(t, both, pdx.ErrUnavailable)
	require.NotErrorIs(t, both, pdx.ErrInvalid, "one that serves another chain does not stop the node")
	require.ErrorIs(t, failures{other, other}.error(), pdx.ErrInvalid)
	require.EqualError(t, both, "all endpoints fail: a: unavailable; b: "+pdx.ErrInvalid.Error())
	var lie *light.Lie
	require.ErrorAs(t, failures{down, &light.Lie{Source: "it"}}.error(), &lie)
	require.False(t, errors.As(both, &lie))
}

// Endpoints are asked as configured, those that were left last.
func TestOrder(t *testing.T) {
	a, b, c := &endpoint{address: "a"}, &endpoint{address: "b"}, &endpoint{address: "c"}
	p := &endpoints{list: []*endpoint{a, b, c}}
	require.Equal(t, []*endpoint{a, b, c}, p.order())
	p.leave(a, &light.Lie{Source: "a"})
	p.leave(b, errors.New("dead"))
	require.Equal(t, []*endpoint{c, b, a}, p.order())
	require.Equal(t, []*endpoint{c}, p.living())
	p.leave(c, errors.New("dead"))
	require.Len(t, p.living(), 3, "where all were left, all are tried")
}

func TestLag(t *testing.T) {
	var p endpoints
	now := time.Now()
	require.Zero(t, p.lag(now))
	require.Equal(t, time.Hour, p.lag(now.Add(-time.Hour)))
	require.Negative(t, p.lag(now.Add(time.Hour)), "a block of the future is none to be behind of")
	require.Zero(t, p.lag(now))
}

// TestUnsteadyEndpoint asks a load balancer of which one node stands still, and others.
func TestUnsteadyEndpoint(t *testing.T) {
	now := time.Now()
	ask := func(shown ...int64) string {
		var h heights
		for _, height := range shown {
			now = now.Add(time.Second)
			h.note(height, now)
		}
		return h.text(now)
	}
	require.Empty(t, ask(100, 101, 100, 102, 101, 103, 102, 104), "nodes a block apart")
	require.Empty(t, ask(100, 101, 1, 2, 3, 4, 5, 6), "a chain that was reset")
	require.Empty(t, ask(100, 50, 101, 50), "twice can be a restart")
	require.Equal(t, "its height goes back and forth between 50 and 103:"+
		" one of the nodes behind this address stands still or lags", ask(100, 50, 101, 50, 102, 50, 103))
	require.NotEmpty(t, ask(100, 50, 50, 101, 50, 50, 50, 102, 50))
	var h heights
	for _, height := range []int64{100, 50, 101, 50, 102, 50, 103} {
		h.note(height, now)
	}
	require.NotEmpty(t, h.text(now))
	require.Empty(t, h.text(now.Add(time.Hour)), "it is long ago")
}
