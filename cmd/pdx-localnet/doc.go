// Command pdx-localnet runs a Panacea-compatible chain on one machine, for
// development and demonstrations: init, start, fund, govern, export, reset, and
// query and tx for every message of the chain. `pdx localnet …` runs it.
//
// One file per verb. Results go to stdout, the log and errors to stderr; exit
// codes are those of pdx (see exit.go).
package main
