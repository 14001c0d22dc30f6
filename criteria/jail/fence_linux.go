package jail

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fence shuts this process in. It fails only where a limit that every Linux has cannot
// be set.
func fence() (f Fences, err error) {
	if err := limit(); err != nil {
		return f, err
	}
	f.Memory, f.CPU = true, true
	f.Dumps = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) == nil && unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) == nil
	f.Privileges = onAllThreads(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1) == nil
	if f.Privileges { // neither takes the other two without it
		f.Files = noFiles() == nil
		f.Calls = fewCalls() == nil
	}
	return f, nil
}

// limit sets the limits that the system keeps.
func limit() error {
	memory, err := limitOf(envMemory)
	if err != nil {
		return err
	}
	cpu, err := limitOf(envCPU)
	if err != nil {
		return err
	}
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_DATA, memory}, {unix.RLIMIT_CPU, cpu}, {unix.RLIMIT_FSIZE, 0}, {unix.RLIMIT_NOFILE, 64},
	} {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.most, Max: l.most}); err != nil {
			return fmt.Errorf("set limit %d to %d: %w", l.resource, l.most, err)
		}
	}
	return nil
}

// noFiles forbids, by Landlock, to open, make, change or run any file. Where a program is
// linked with C, only this thread can be told; it is the one that reads what is foreign. What
// a projection writes is checked on another one, which fewCalls holds.
func noFiles() error {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return errno
	}
	rules := unix.LandlockRulesetAttr{Access_fs: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1}
	size := unsafe.Sizeof(rules.Access_fs) // what the first version knows
	if version >= 4 {
		rules.Access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		size += unsafe.Sizeof(rules.Access_net)
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), size, 0)
	if errno != 0 {
		return errno
	}
	defer unix.Close(int(fd))
	return onAllThreads(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0)
}

// onAllThreads makes a system call on every thread, on this one alone in a program that is
// linked with C. Threads that this one starts have what it has.
func onAllThreads(call, first, second uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall(call, first, second, 0)
	if errors.Is(errno, syscall.ENOTSUP) {
		_, _, errno = syscall.RawSyscall(call, first, second, 0)
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// isolated are the attributes of a child with no network but an empty one.
func isolated() *syscall.SysProcAttr {
	a := ordinary()
	a.Cloneflags = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWIPC
	return a
}

// ordinary are those where the system gives no namespaces. The child ends with its parent.
func ordinary() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func isolates(a *syscall.SysProcAttr) bool { return a.Cloneflags&unix.CLONE_NEWNET != 0 }
