// Command transfer measures how blobs move, beside what else moves bytes on the
// same machine in the same run: a raw libp2p stream, bitswap, rsync over ssh and
// plain TCP.
//
//	go run ./integration/bench/transfer [flags] SCENARIO …
//
// Scenarios: see -h. Each end of a transfer is a process of its own (this program
// again, with the word "role"), so that memory and processor time are counted for
// each. Figures are medians of interleaved rounds; ratios are of the same round.
// Tables are printed, and kept as JSON in the folder of PDX_BENCH_JSON.
//
// Scenarios with a delay or a rate run in network namespaces and need root on
// Linux (see package netlab); elsewhere they say so and are left out. rsync and sshd are
// used where they are installed. Bitswap, in three ways, is a program of its own module,
// so that the product does not depend on it: build it in ../rivals and name it with
// -rivals.
//
//	main.go, scenario_*.go   what is compared
//	mover_*.go               each way to move bytes
//	role_*.go                the processes at the ends
//	bed*.go                  where the ends run
package main
