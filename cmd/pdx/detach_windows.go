package main

import "syscall"

// stdinFile is a file that reads what is written to a process.
const stdinFile = "CONIN$"

// detached has a process outlive the console that started it.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
