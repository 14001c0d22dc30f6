// Package procs runs a whole market on one machine: a development chain and any
// number of nodes, each a process with a home of its own below one folder. The
// demo runs on it, and so do the tests that kill processes.
//
// Everything listens on loopback, on free ports. A process of the fleet does
// not outlive the program that started it: Stop ends them in order, and where
// the system can, they are told when their parent dies.
//
// A Fleet is used by one goroutine; its members may be used by several.
package procs
