package text

import (
	"slices"
	"strings"
)

// Nearest returns the one of some names that differs least from a name, "" if there is none.
func Nearest(name string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// Meant returns the one of some names that somebody probably meant who typed a name: one that begins with it, or
// differs in at most two letters and less than half of them. It returns "" if none is that near.
func Meant(name string, names []string) string {
	name = strings.ToLower(name)
	for _, n := range names {
		if len(name) > 1 && strings.HasPrefix(n, name) {
			return n
		}
	}
	near := Nearest(name, names)
	if d := distance(name, near); d <= 2 && 2*d < len(near) {
		return near
	}
	return ""
}

// distance returns how many letters must be added, removed or replaced to turn a
// into b: the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
