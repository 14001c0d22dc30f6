package model

import "github.com/medibloc/pdx"

// PlainOrder asks for plain files of what was bought in a pool.
type PlainOrder struct {
	Pool  pdx.PoolID
	Deals []pdx.DealID // empty: all that were opened
	Out   string       // absolute; a folder that is not there
	// Format is PlainNDJSON, PlainCSV or PlainParquet; empty is the first.
	Format string
	// Merge makes one file of all deals, without the records whose unique key came before.
	Merge bool
	// Spreadsheet makes CSV fit for spreadsheets, see docs/spec/formats.md.
	Spreadsheet bool
	DryRun      bool // says what would be written
}

// The formats of plain files.
const (
	PlainNDJSON  = "ndjson"
	PlainCSV     = "csv"
	PlainParquet = "parquet"
)

// Plain is what was written.
type Plain struct {
	Out, Format string
	Merged      bool
	// Keyed says that the criteria have a unique key; without one nothing is left out of a merge.
	Keyed bool
	Files []PlainFile
	Deals []PlainDeal
	// Formulas is how many cells a spreadsheet evaluates, or would without the apostrophe.
	Formulas uint64
	// Waiting is how many deals of the pool are still on their way.
	Waiting uint64
}

// PlainFile is a file that was written. A dry run knows its name only.
type PlainFile struct {
	Path    string // below the folder, with slashes
	Size    uint64
	SHA256  [32]byte
	Records uint64 // 0 for what has no records
}

// PlainDeal is what became of the records of a deal. Those that were read are kept, or are
// duplicates, conflicts or unreadable.
type PlainDeal struct {
	Deal pdx.DealID
	Read uint64
	// First is the number that the first one kept has in its file, from 1; 0 if none is.
	First, Kept uint64
	// Duplicates are those of which the same record came before, Conflicts those of whose key a
	// record of other content did, Unreadable those that are no records.
	Duplicates, Conflicts, Unreadable uint64
}

// Left is how many of the records are not in the file of plain records.
func (d PlainDeal) Left() uint64 { return d.Duplicates + d.Conflicts + d.Unreadable }
