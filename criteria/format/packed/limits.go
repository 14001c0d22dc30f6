package packed

const (
	// MaxBytes bounds what a file unpacks to, in bytes: 1 TiB, the largest dataset.
	MaxBytes = 1 << 40
	// MaxRatio bounds how many times the size of what was read of the packed file the
	// output may have. Records in common use shrink to between a twentieth and a third;
	// gzip itself ends at 1,032.
	MaxRatio = 200
	// freeBytes is what a file may unpack to whatever its ratio: small files of equal
	// records are no bombs.
	freeBytes = 64 << 20
	// maxWindow bounds the memory of a zstd decoder, in bytes: what `zstd -19` needs, and
	// -20 of --ultra.
	maxWindow = 32 << 20
)
