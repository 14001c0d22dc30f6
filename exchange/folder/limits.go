package folder

import "github.com/medibloc/pdx/exchange/bao"

// Limits of the format: everybody who reads a folder holds its manifest.
const (
	// MaxFiles is the most files of a folder: this many were measured to take 3 s to
	// list, and each is looked at whenever the folder is. More are sold in parts.
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

// maxOpen is how many files a Joined holds open: neighbours, for a few readers at
// different places.
const maxOpen = 16
