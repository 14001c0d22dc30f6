// Command pdx is the daemon and the command line of the Panacea data exchange,
// for every role. One file for each noun or verb.
//
// Verbs speak to the daemon of a home over its unix socket; init, keys, daemon,
// sample, localnet and demo do not need one. Every verb takes --json and then
// prints JSON only. Exit codes are in exit.go and in `pdx help exit-codes`.
package main
