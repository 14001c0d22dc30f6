//go:build linux && (amd64 || arm64)

package jail

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// calls are the system calls that Go's runtime needs to compute, and those that read and
// write the pipes. Every other one fails with EPERM.
var calls = []uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOSE, unix.SYS_FCNTL, unix.SYS_PIPE2, unix.SYS_EVENTFD2,
	unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT,
	unix.SYS_MUNMAP, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_BRK, unix.SYS_MREMAP, unix.SYS_MEMBARRIER,
	unix.SYS_FUTEX, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL,
	unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_GETTID, unix.SYS_GETPID, unix.SYS_GETRANDOM,
	unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
}

// Offsets in what a filter is given, struct seccomp_data.
const (
	dataCall = 0
	dataArch = 4
	dataArgs = 16 // 8 bytes each, the low half first
)

// fewCalls forbids, on all threads, all system calls but calls, new threads, memory that
// is not executable, and signals to this process itself.
func fewCalls() error {
	arch := uint32(unix.AUDIT_ARCH_X86_64)
	if runtime.GOARCH == "arm64" {
		arch = unix.AUDIT_ARCH_AARCH64
	}
	filter := program(arch, uint32(os.Getpid()))
	p := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&p)))
	if errno != 0 {
		return errno
	}
	return nil
}

func program(arch, pid uint32) []unix.SockFilter {
	allow, refuse := ret(unix.SECCOMP_RET_ALLOW), ret(unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM))
	p := []unix.SockFilter{load(dataArch), jump(unix.BPF_JEQ, arch, 1, 0), ret(unix.SECCOMP_RET_KILL_PROCESS), load(dataCall)}
	for _, call := range calls {
		p = append(p, jump(unix.BPF_JEQ, call, 0, 1), allow)
	}
	// The C library then takes clone, whose flags a filter can see.
	p = append(p, jump(unix.BPF_JEQ, unix.SYS_CLONE3, 0, 1), ret(unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS)))
	for _, c := range []struct {
		call  uint32
		arg   uint32
		jump  uint16 // decides by the argument
		value uint32
		yes   bool // allowed if it holds
	}{
		{unix.SYS_CLONE, 0, unix.BPF_JSET, unix.CLONE_THREAD, true},
		{unix.SYS_MMAP, 2, unix.BPF_JSET, unix.PROT_EXEC, false},
		{unix.SYS_MPROTECT, 2, unix.BPF_JSET, unix.PROT_EXEC, false},
		{unix.SYS_TGKILL, 0, unix.BPF_JEQ, pid, true},
		{unix.SYS_KILL, 0, unix.BPF_JEQ, pid, true},
	} {
		then, otherwise := allow, refuse
		if !c.yes {
			then, otherwise = refuse, allow
		}
		p = append(p, jump(unix.BPF_JEQ, c.call, 0, 4), load(dataArgs+8*c.arg), jump(c.jump, c.value, 0, 1), then, otherwise)
	}
	return append(p, refuse)
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jump(how uint16, value uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | how | unix.BPF_K, Jt: yes, Jf: no, K: value}
}

func ret(action uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
}
