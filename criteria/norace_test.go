//go:build !race

package criteria

const raceEnabled = false
