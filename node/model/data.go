package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// Data is a file of this machine, or a folder of files, that its owner may sell. It
// stays at its path and is read from there.
type Data struct {
	ID        string // random; it never changes
	Name      string // unique; the owner chose it, or it is that of the file
	Path      string // absolute
	MediaType string
	Size      uint64    // bytes; of a folder, of all its files together
	Modified  time.Time // of the file, or the latest of the folder's files
	Hash      [32]byte  // BLAKE3 of the contents; it never leaves this machine
	Facts     [32]byte  // of a folder: a hash of the paths, sizes and times of its files
	Files     int       // how many files a folder has; 0 for a file
	Records   uint64
	Fields    []string  // JSON pointers of the top-level fields seen, sorted
	Added     time.Time // when it was registered
	// Notes are what was accepted of the files, and will not be in what is disclosed.
	Notes []string `json:",omitempty"`

	// Changed is set if the file or folder at Path is no longer what was registered. It is
	// shown and not stored.
	Changed bool `json:"-"`
}

// IsFolder reports whether the data is a folder of files.
func (d Data) IsFolder() bool { return d.Files > 0 }

// Preview is what a sale would disclose, cost and pay.
type Preview struct {
	Pool       pdx.Pool
	Fields     []string      // JSON pointers that would be disclosed
	Validators []pdx.Address // that the offer would accept
	Records    uint64
	Deposit    pdx.Amount    // that the chain takes with the offer
	Price      pdx.Amount    // of the dataset, before commissions and fees
	Findings   []pdx.Finding // the first that breaks the criteria: it would be rejected
	Total      uint64        // findings in all
	Withheld   []string      // fields that the criteria ask for and that would not be disclosed
	Sample     []byte        // the first record as disclosed, JSON; empty if it is over 1 MiB
	Samples    [][]byte      // the first records as disclosed
	Notes      []string      // those of the data
	Broken     uint64        // records that break the criteria, left out or not
	ByRule     map[string]uint64
	Skipped    uint64 // records that would be left out; Records and Findings are without them
}
