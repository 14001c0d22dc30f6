package addrgroup_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/addrgroup"
)

func TestSpreadTakesOneOfEachGroupFirst(t *testing.T) {
	var all []int
	for i := range 500 {
		all = append(all, i)
	}
	group := func(i int) int { return min(i/100, 4) + 10*(i/499) } // five crowds, and 499 alone
	for range 100 {
		some := addrgroup.Spread(all, group, 12)
		require.Len(t, some, 12)
		require.Contains(t, some[:6], 499)
		count := map[int]int{}
		for _, i := range some {
			count[group(i)]++
		}
		require.Len(t, count, 6)
		for g, n := range count {
			require.LessOrEqual(t, n, 3, "group %d", g)
		}
	}
	require.ElementsMatch(t, all, addrgroup.Spread(all, group, 1000))
	require.Empty(t, addrgroup.Spread(all, group, 0))
	require.Empty(t, addrgroup.Spread(nil, group, 9))
}
