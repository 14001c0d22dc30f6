//go:build unix && !linux

package procs

import "syscall"

// attributes puts a process into a group of its own, so that Ctrl-C reaches the
// parent only, which then stops all in order.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
