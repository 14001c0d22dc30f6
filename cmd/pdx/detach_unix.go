//go:build unix

package main

import "syscall"

// stdinFile is a file that reads what is written to a process.
const stdinFile = "/dev/stdin"

// detached has a process outlive the terminal that started it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
