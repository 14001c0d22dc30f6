package addrgroup

import "math/rand/v2"

// Spread returns at most limit values of all, in which each group has one before any has
// two. The order of groups, and of the values within a group, is random. It does not
// change all.
func Spread[T any, G comparable](all []T, group func(T) G, limit int) []T {
	byGroup := map[G][]T{}
	for _, value := range all {
		g := group(value)
		byGroup[g] = append(byGroup[g], value)
	}
	for _, some := range byGroup {
		rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	}
	spread := make([]T, 0, min(len(all), max(limit, 0)))
	for round := 0; len(byGroup) > 0; round++ {
		for g, some := range byGroup { // in random order
			if len(spread) >= limit {
				return spread
			}
			if round == len(some) {
				delete(byGroup, g)
				continue
			}
			spread = append(spread, some[round])
		}
	}
	return spread
}
