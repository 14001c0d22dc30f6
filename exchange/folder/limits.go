package folder

import "github.com/medibloc/pdx/exchange/bao"

// Limits of the format. Every reader of a folder keeps its manifest in memory.
const (
	// MaxFiles is the most files of a folder: listing this many takes 3 s, and every
	// check of the folder reads them all. A larger folder must be sold in parts.
	MaxFiles = 100_000
	// MaxDepth is the most elements of a path.
	MaxDepth = 32
	// MaxPath is the most bytes of a path, and MaxElement of an element of it:
	// what Linux, macOS and Windows (with long paths) write below a folder.
	MaxPath    = 1024
	MaxElement = 255
	// MaxManifest is the most bytes of a manifest: 150 for each of MaxFiles.
	MaxManifest = 16 << 20
	// MaxSize is the most bytes of a stream.
	MaxSize = bao.MaxSize
)

// maxOpen is how many files a Joined keeps open: enough for a few readers at different
// offsets.
const maxOpen = 16
