//go:build linux || darwin

package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// SpaceOf returns what is left on the file system of a folder.
func SpaceOf(path string) (Space, error) {
	var at unix.Statfs_t
	if err := unix.Statfs(path, &at); err != nil {
		return Space{}, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	return Space{Bytes: at.Bavail * uint64(at.Bsize), Inodes: at.Ffree, Counted: at.Files > 0}, nil
}
