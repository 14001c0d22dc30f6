package procs

import (
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// attributes puts a process into a group of its own, so that Ctrl-C reaches the
// parent only, which then stops all in order.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

// terminate asks a process to stop, by the Ctrl-Break that its group of its own
// receives; Go's os/signal shows it as an interrupt.
func terminate(p *os.Process) error {
	return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid))
}
