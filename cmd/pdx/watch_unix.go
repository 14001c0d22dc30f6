//go:build !windows

package main

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// readable waits for something to read, at most for a time.
func readable(f *os.File, most time.Duration) bool {
	var set unix.FdSet
	fd := int(f.Fd())
	set.Set(fd)
	wait := unix.NsecToTimeval(most.Nanoseconds())
	n, err := unix.Select(fd+1, &set, nil, nil, &wait) // poll does not take terminals on every system
	return err == nil && n > 0
}
