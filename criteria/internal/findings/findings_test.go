package findings

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

// plain shows names without a space.
func plain(name string) bool { return !strings.Contains(name, " ") }

func TestPathsAreBounded(t *testing.T) {
	r := NewRecorder(plain)
	write := func(path []Step) string {
		r.Begin(1)
		for _, s := range path {
			r.Push(s)
		}
		return r.Path()
	}
	step := func(n int) Step { return Name(strings.Repeat("x", n)) }
	index := Element(12)
	full := []Step{step(63), step(63), step(63), step(60)}
	for _, c := range []struct {
		path []Step
		want int
	}{
		{full, 253},
		{append(slices.Clip(full), index), 256},
		{append(slices.Clip(full), index, index), 255},
		{append(slices.Clip(full), step(3)), 255},
		{append(slices.Clip(full), step(5)), 255},
	} {
		require.Len(t, write(c.path), c.want)
	}
	require.Equal(t, "/a/12/*/id", write([]Step{Name("a"), index, Name("a b"), Name("id")}))
}

// Equal findings of a record count once, and the first are kept in order, however they come.
func TestRecorder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, want := NewRecorder(plain), map[pdx.Finding]bool{}
		r.Begin(7)
		for range rapid.IntRange(0, 4*Most).Draw(t, "findings") {
			at, rule := rapid.IntRange(0, Most).Draw(t, "at"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "rule")
			r.Push(Element(at))
			r.Add(rule)
			r.Pop()
			want[pdx.Finding{Record: 7, Path: fmt.Sprintf("/%d", at), Rule: rule}] = true
		}
		require.EqualValues(t, len(want), r.Total)
		require.Len(t, r.First, min(len(want), Most))
		var sorted []pdx.Finding
		for f := range want {
			sorted = append(sorted, f)
		}
		slices.SortFunc(sorted, func(a, b pdx.Finding) int { return strings.Compare(a.Path+" "+a.Rule, b.Path+" "+b.Rule) })
		require.Equal(t, sorted[:len(r.First)], slices.Clip(r.First))
		r.Begin(8)
		require.Zero(t, r.Total)
		require.Empty(t, r.First)
	})
}

func TestHashSet(t *testing.T) {
	var s HashSet
	for range 2 {
		fresh := s.tables[0].n == 0
		for h := uint64(1); h <= 10_000; h++ {
			require.Equal(t, fresh, s.Add(h*0x9E3779B97F4A7C15))
		}
	}
	require.True(t, s.Add(1))
	require.False(t, s.Add(0), "0 marks an empty slot and counts as 1")
}
