//go:build unix

package procs

import (
	"os"
	"syscall"
)

// terminate asks a process to stop.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
