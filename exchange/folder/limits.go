package folder

import "github.com/medibloc/pdx/exchange/bao"

// Limits of the format. Every reader of a folder keeps its manifest in memory.
const (
	// MaxFiles is the largest number of files of a folder: listing 100,000 takes 3 s,
	// and every check of the folder reads them all. A larger folder must be sold in
	// parts.
	MaxFiles = 100_000
	// MaxDepth is the largest number of elements of a path.
	MaxDepth = 32
	// MaxPath is the largest length of a path in bytes, and MaxElement that of one of
	// its elements. Linux, macOS and Windows (with long paths) can create such files.
	MaxPath    = 1024
	MaxElement = 255
	// MaxManifest is the largest size of a manifest in bytes: 167 for each of MaxFiles.
	MaxManifest = 16 << 20
	// MaxSize is the largest size of a stream in bytes.
	MaxSize = bao.MaxSize
)

// maxOpen is how many files a Joined keeps open: enough for a few readers at different
// offsets.
const maxOpen = 16
