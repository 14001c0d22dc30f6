package bao

// MaxSize bounds the size of a blob: 16 TiB, 2^28 segments. It bounds what a
// false size can cost before its falsehood shows: a bitmap of 32 MiB and a tree
// 28 nodes deep. No dataset of today comes near.
const MaxSize = 1 << 44
