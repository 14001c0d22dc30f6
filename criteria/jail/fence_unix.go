//go:build unix && !linux

package jail

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// fence shuts this process in, as far as systems other than Linux do.
func fence() (f Fences, err error) {
	cpu, err := limitOf(envCPU)
	if err != nil {
		return f, err
	}
	f.CPU = unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: cpu, Max: cpu}) == nil
	f.Dumps = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) == nil
	_ = unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{})
	return f, nil
}

func isolated() *syscall.SysProcAttr { return nil }

func ordinary() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func isolates(*syscall.SysProcAttr) bool { return false }
