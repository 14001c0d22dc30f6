//go:build linux

package soak

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPlan(t *testing.T) {
	names := []string{"a", "b", "c"}
	spared := func(e event) bool { return e.name == killing && e.victim == "c" }
	o := Options{Time: time.Hour, Seed: 7}
	events := plan(o, names, spared)
	same := plan(o, names, spared)
	require.Len(t, same, len(events), "a seed repeats the plan")
	kinds, free := map[string]int{}, map[string]time.Duration{}
	for i, e := range events {
		require.Equal(t, []any{e.name, e.victim, e.at}, []any{same[i].name, same[i].victim, same[i].at})
		require.Equal(t, []any{e.length, e.seed}, []any{same[i].length, same[i].seed})
		require.GreaterOrEqual(t, e.at, free[e.victim], "%s has two disturbances at once", e.victim)
		require.LessOrEqual(t, e.at+e.length, o.Time)
		require.Equal(t, e.chain, e.victim == "chain")
		require.False(t, spared(e))
		free[e.victim] = e.at + e.length
		kinds[e.name]++
	}
	require.Len(t, kinds, len(disturbances), "every kind happens")
	o.Seed++
	require.NotEqual(t, events[0].seed, plan(o, names, spared)[0].seed)
}
