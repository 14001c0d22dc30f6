package bao

// MaxSize is the largest size of a blob: 16 TiB, 2^28 segments. It limits what a peer
// that states a false size can cost until that is detected: a bitmap of 32 MiB and a
// tree 28 nodes deep. Datasets are far smaller.
const MaxSize = 1 << 44
