//go:build linux

package soak

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// longestStep is how far a clock is wrong at most, in seconds either way.
const longestStep = 7200

// stepClock makes a node's clock wrong; the end puts it right.
func stepClock(w *world, victim string, random *rand.Rand) (func() error, error) {
	set := func(seconds int64) error { return writeClock(w.clockFile(victim), seconds) }
	return func() error { return set(0) }, set(random.Int64N(2*longestStep) - longestStep)
}

// writeClock sets a clock. It writes into the file that the node's process has mapped.
func writeClock(path string, seconds int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(seconds)), 0)
	return errors.Join(err, f.Close())
}

// clockFile is what buildStepped's program reads in a node's process.
func (w *world) clockFile(name string) string { return filepath.Join(w.clocks, name) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
