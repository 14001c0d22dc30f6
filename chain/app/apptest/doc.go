// Package apptest drives the application in one process, for tests and benchmarks
// that need real transactions and real blocks but no consensus: accounts with
// money, blocks that carry what they are given, and the state afterwards.
//
// Time is the chain's own: a block every second from 2026 on. The messages of the
// exchange are made by package datapooltest, whose accounts these are. It is for
// tests and serves one of them at a time.
package apptest
