package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// Data is a file of this machine, or a folder of files, that its owner may sell. It
// stays where it is.
type Data struct {
	ID        string
	Name      string // unique
	Path      string // absolute
	MediaType string
	Size      uint64
	Modified  time.Time // of the file, or the latest of the folder's
	Hash      [32]byte  // BLAKE3; it never leaves this machine
	Facts     [32]byte  // of a folder: paths, sizes and times of its files, hashed
	Files     int       // how many a folder has
	Records   uint64
	Fields    []string // JSON pointers of the top-level fields seen, sorted
	Added     time.Time

	// Changed is set when what lies at Path differs from what was added. It is shown and
	// not stored.
	Changed bool `json:"-"`
}

// IsFolder reports whether the data is a folder of files.
func (d Data) IsFolder() bool { return d.Files > 0 }

// Preview is what a sale would disclose, cost and pay.
type Preview struct {
	Pool       pdx.Pool
	Fields     []string
	Validators []pdx.Address
	Records    uint64
	Deposit    pdx.Amount
	Price      pdx.Amount
	Findings   []pdx.Finding // the first that breaks the criteria: it would be rejected
	Total      uint64        // findings in all
	Withheld   []string      // fields that the criteria ask for and that would not be disclosed
	Sample     []byte        // the first record as disclosed, JSON; empty if it is over 1 MiB
}
