package plain

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/flat"
)

// The files beside the records.
const (
	croissantName = "croissant.json"
	reportName    = "report.json"
	sumsName      = "SHA256SUMS" // as sha256sum writes and checks it
)

// report says where the records come from, for people and programs.
type report struct {
	Version  int          `json:"version"`
	ChainID  string       `json:"chain_id"`
	Pool     pdx.PoolID   `json:"pool_id"`
	Criteria string       `json:"criteria"` // CID
	Format   string       `json:"format"`
	Merged   bool         `json:"merged"`
	Unique   [][]string   `json:"unique"` // keys by which records were left out
	Deals    []reportDeal `json:"deals"`
	Columns  []column     `json:"columns"`
	Formulas uint64       `json:"formulas"`
}

type reportDeal struct {
	Deal       pdx.DealID  `json:"deal_id"`
	Seller     pdx.Address `json:"seller"`
	File       string      `json:"file"`
	Records    uint64      `json:"records"` // read
	First      uint64      `json:"first"`   // number in the file, from 1; 0: none
	Kept       uint64      `json:"kept"`
	Duplicates uint64      `json:"duplicates"`
	Conflicts  uint64      `json:"conflicts"`
	Unreadable uint64      `json:"unreadable"`
}

type column struct {
	Name string    `json:"name"`
	Path []string  `json:"path"`
	Type flat.Type `json:"type"`
}

const reportVersion = 1

// describe writes the files beside the records, the digests last.
func (b *build) describe(now time.Time) error {
	for _, f := range []struct {
		name    string
		content func() ([]byte, error)
	}{
		{croissantName, func() ([]byte, error) { return encode(b.croissant(now)) }},
		{reportName, func() ([]byte, error) { return encode(b.report()) }},
		{sumsName, b.sums},
	} {
		raw, err := f.content()
		if err != nil {
			return err
		}
		to, err := create(b.at, f.name)
		if err != nil {
			return err
		}
		if _, err := to.Write(raw); err != nil {
			to.file.Close()
			return err
		}
		if err := b.finish(to); err != nil {
			return err
		}
	}
	return nil
}

// sums are the digests of all files that were written so far.
func (b *build) sums() (text []byte, err error) {
	for _, f := range b.plain.Files {
		text = fmt.Appendf(text, "%x  %s\n", f.SHA256, f.Path)
	}
	return text, nil
}

func (b *build) report() report {
	r := report{
		Version: reportVersion, ChainID: b.ChainID, Pool: b.Pool.ID, Criteria: b.Document.ID().String(), Format: b.Order.Format,
		Merged: b.Order.Merge, Unique: [][]string{}, Formulas: b.plain.Formulas,
	}
	if b.Order.Merge && b.plain.Keyed {
		r.Unique = b.Document.Unique
	}
	for i, d := range b.plain.Deals {
		r.Deals = append(r.Deals, reportDeal{
			d.Deal, b.Deals[i].Seller, b.fileOf(d.Deal), d.Read, d.First, d.Kept, d.Duplicates, d.Conflicts, d.Unreadable,
		})
	}
	for _, c := range b.columns.List() {
		r.Columns = append(r.Columns, column{c.Name(), c.Path, c.Kinds.Type()})
	}
	return r
}

// fileOf is the file that has the records of a deal.
func (b *build) fileOf(deal pdx.DealID) string {
	if b.Order.Merge {
		return merged + "." + b.Order.Format
	}
	return dealName(deal) + "." + b.Order.Format
}
