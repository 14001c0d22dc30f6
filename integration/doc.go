// Package integration has the tests of the whole: a chain and nodes as processes
// on this machine, as people run them, driven over the local API and judged by
// the chain, by the money and by the bytes on disk. There is no code to import;
// package market sets networks up, package adversary misbehaves in them,
// package netlab makes networks with delay and rate, folder bench measures.
//
// The tests build the two programs themselves. They listen on loopback only, on
// free ports, and leave nothing running.
//
//	PDX_BIN    a folder with pdx and pdx-localnet to test instead of building them
//	PDX_KILLS  how many processes TestKill kills
//	PDX_SEED   the seed of TestKill's choices; each run prints its own
package integration
