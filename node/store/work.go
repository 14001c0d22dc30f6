package store

// DefaultWorkFactor is log2 of scrypt's N for a key file: about one second
// and 256 MiB, which is age's own choice. Tests give a smaller one: the race detector
// makes scrypt many times slower.
const DefaultWorkFactor = 18
