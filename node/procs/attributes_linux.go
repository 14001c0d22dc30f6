package procs

import "syscall"

// attributes puts a process into a group of its own, so that Ctrl-C reaches the
// parent only, which then stops all in order; and has the kernel end it should
// the parent die.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
