//go:build !windows

package api

import "syscall"

// private makes new files and sockets of this process its owner's alone until the returned
// function is called.
func private() (restore func()) {
	was := syscall.Umask(0o077)
	return func() { syscall.Umask(was) }
}
