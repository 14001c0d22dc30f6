//go:build race

package store

// DefaultWorkFactor is less where the race detector is built in, which makes scrypt
// many times slower: such a program is for tests, and not for secrets.
const DefaultWorkFactor = 10
