package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// usage is what a process has used.
type usage struct {
	CPU    float64 // seconds of processor
	Memory uint64  // bytes of memory at most (RSS)
}

// used returns what this process has used so far. The memory is the process's own
// where the system tells it.
func used() usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(fmt.Sprintf("read resource usage: %v", err))
	}
	u := usage{CPU: float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9, Memory: uint64(r.Maxrss) << 10}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
		var kib uint64
		_, _ = fmt.Sscan(string(rest), &kib)
		u.Memory = kib << 10
	}
	return u
}
