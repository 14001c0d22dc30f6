//go:build unix

package bench

import (
	"fmt"
	"syscall"
	"time"
)

// Processor returns the time that this process has had of a processor so far.
func Processor() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(fmt.Sprintf("bench: read processor time: %v", err))
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
