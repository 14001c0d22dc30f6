//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// used returns what this process has used so far.
func used() usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(fmt.Sprintf("read resource usage: %v", err))
	}
	u := usageOf(&r)
	if peak := peakMemory(); peak > 0 {
		u.Memory = peak
	}
	return u
}

func usageOf(r *syscall.Rusage) usage {
	return usage{CPU: float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9, Memory: uint64(r.Maxrss) << 10}
}

// peakMemory returns the process's own highest RSS, or 0 where the system does not
// tell. What getrusage tells on Linux includes that of the parent when it forked.
func peakMemory() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	var kib uint64
	_, _ = fmt.Sscan(string(rest), &kib)
	return kib << 10
}

// usageOfProcess returns what a process used that has ended, with its children.
func usageOfProcess(p *os.ProcessState) usage {
	if r, ok := p.SysUsage().(*syscall.Rusage); ok {
		return usageOf(r)
	}
	return usage{}
}
