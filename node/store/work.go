//go:build !race

package store

// DefaultWorkFactor is log2 of scrypt's N for a key file: about one second
// and 256 MiB, which is age's own choice.
const DefaultWorkFactor = 18
