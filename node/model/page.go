package model

import "time"

// Page selects a part of a list.
type Page struct {
	Limit   int    // the most entries; positive
	Cursor  string // of an earlier page; "" for the first
	Reverse bool   // the last entry first
}

// Prune selects what a node forgets of its history, a part at a time.
type Prune struct {
	Before time.Time // what ended earlier goes
	DryRun bool      // removes nothing
	Limit  int       // the most entries that are looked at; positive
	Cursor string    // of the part before; "" for the first
}

// PrunedSales are sales that were forgotten or, in a dry run, would be.
type PrunedSales struct {
	Sales []Sale
	Kept  int    // old enough, but the pool still takes offers
	Files int    // disclosed records, a file or a folder each, that went with them
	Bytes uint64 // of those
	Next  string // cursor of the next part, "" at the end
}

// PrunedPulls are pulls that were forgotten or, in a dry run, would be.
type PrunedPulls struct {
	Pulls []Pull
	Kept  int    // old enough, but something is or may be left to do in the pool
	Next  string // cursor of the next part, "" at the end
}
