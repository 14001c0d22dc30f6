package web

import "time"

const (
	// maxRequest bounds a call: the largest of a reading method is a filter of
	// two addresses, a state and a cursor, below 1 KiB.
	maxRequest = 16 << 10
	// maxHeader bounds what comes before it; browsers send about 1 KiB.
	maxHeader = 16 << 10
	// maxConns bounds connections: a browser opens 6 to a host, so this is ten
	// windows, while other users of the machine cannot take up file descriptors.
	maxConns = 64
	// headerTimeout and requestTimeout are generous for a loopback.
	headerTimeout  = 5 * time.Second
	requestTimeout = 10 * time.Second
	// callTimeout covers the slowest calls: GetPool waits 5 s for a buyer's
	// machine, Status for a chain that is slow to answer.
	callTimeout = 20 * time.Second
	// answerTimeout leaves a call time to send what it found.
	answerTimeout = callTimeout + 10*time.Second
	// idleTimeout outlives the page's pauses of 2 s between polls.
	idleTimeout = 30 * time.Second
	// checkTimeout is how long `pdx web` waits for the page to answer.
	checkTimeout = 5 * time.Second
	// maxLink bounds the token file: a loopback address and a token.
	maxLink = 512
)
