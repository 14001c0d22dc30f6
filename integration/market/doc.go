// Package market sets up whole networks for tests: a chain whose deals pass in
// seconds, a buyer, validators and sellers, each a process with its own home,
// funded and registered. It is a thin layer over package procs and the local
// API, in the words of a test: open a pool, add data, sell, pull, wait.
//
// Every helper fails its test when something is not as it should be, with the
// ends of all logs. Nothing outlives its test.
//
// Helpers that call Fatal belong to the test's goroutine; those that return an
// error may be used by several.
package market
