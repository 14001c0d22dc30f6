package durable

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// syncsAll reports whether a sync of the file system of dir covers every file on it and
// reports write errors.
func syncsAll(dir *os.File) bool {
	var at unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &at); err != nil || at.Type == unix.FUSE_SUPER_MAGIC {
		return false
	}
	var system unix.Utsname
	return unix.Uname(&system) == nil && reportsErrors(unix.ByteSliceToString(system.Release[:]))
}

// reportsErrors reports whether syncfs reports write errors: from Linux 5.8 on.
func reportsErrors(release string) bool {
	major, rest, _ := strings.Cut(release, ".")
	minor := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	x, err := strconv.Atoi(major)
	y, _ := strconv.Atoi(minor)
	return err == nil && (x > 5 || x == 5 && y >= 8)
}

func syncAll(dir *os.File) error { return os.NewSyscallError("syncfs", unix.Syncfs(int(dir.Fd()))) }
