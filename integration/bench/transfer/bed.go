package main

import (
	"os/exec"
)

// site is where a process runs.
type site struct {
	address    string // at which the other end finds it
	start      func(*exec.Cmd) error
	congestion string // control of its TCP, at the end of a path
}

// bed is where the two ends of a transfer run.
type bed struct {
	server, puller site
	delayed        bool
	close          func() error
}

// loopback has both on this machine's loopback interface.
func loopback() *bed {
	here := site{address: "127.0.0.1", start: (*exec.Cmd).Start}
	return &bed{server: here, puller: here, close: func() error { return nil }}
}
