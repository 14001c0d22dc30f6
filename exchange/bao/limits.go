package bao

// MaxSize bounds the size of a blob: 16 TiB, 2^28 segments. It bounds the
// cost of a false size until it is detected: a bitmap of 32 MiB and a tree 28 nodes deep. No
// dataset of today comes near.
const MaxSize = 1 << 44
