// Package storetest is the contract of a store as tests: [RunTable] and
// [RunSecrets] hold for every implementation. It also has one in memory,
// [Table] and [Secrets], for tests of the roles; its Hook lets a test fail or
// stop the world before any operation.
//
// The interfaces here are what the roles ask of a store; each role declares its
// own, equal or smaller.
package storetest
