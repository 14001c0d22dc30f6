package plain

import (
	"context"
	"encoding/json"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/node/model"
)

// taker takes the rows of one deal.
type taker struct {
	*build
	ctx  context.Context //nolint:containedctx // flat.Read calls it with a row only
	out  *file
	done model.PlainDeal
	base uint64 // rows of the deal's files before the present one
	last uint64 // number of the row that came last
}

// row decides on a row. The first record of a key is the one that stays: deals come in the
// order of their numbers.
func (t *taker) row(row flat.Row) error {
	if row.Number > 0 {
		t.done.Read++
		t.last = row.Number
	}
	from := origin{t.done.Deal, t.base + row.Number}
	if row.Rule != "" {
		t.done.Unreadable++
		return t.leave(leftOut{Deal: from.deal, Record: from.record, Why: "unreadable", Rule: row.Rule}, nil)
	}
	if t.index != nil {
		f, key, before, err := t.index.take(t.ctx, row, from)
		switch {
		case err != nil:
			return folderError(err)
		case f == duplicate:
			t.done.Duplicates++
			return nil
		case f == conflict:
			t.done.Conflicts++
			return t.leave(leftOut{
				Deal: from.deal, Record: from.record, Why: "conflict", Key: t.Document.Unique[key],
				KeptDeal: before.deal, KeptRecord: before.record,
			}, row.Text)
		}
	}
	if t.done.Kept++; t.done.First == 0 {
		t.done.First = t.out.rows + 1
	}
	return t.out.row(row.Text)
}

// leftOut is a line of the list of rows that are not among the plain records.
type leftOut struct {
	Deal   pdx.DealID `json:"deal"`
	Record uint64     `json:"record"` // of the deal, from 1; 0: the dataset as a whole
	Why    string     `json:"why"`    // conflict or unreadable
	Rule   string     `json:"rule,omitempty"`
	Key    []string   `json:"key,omitempty"`
	// Where the record of the same key is from that was kept.
	KeptDeal   pdx.DealID `json:"kept_deal,omitempty"`
	KeptRecord uint64     `json:"kept_record,omitempty"`
}

const leftName = "left-out.ndjson"

// leave lists a row that is left out, with its record if it is one. That is not parsed, so it
// is put into the line as it is.
func (t *taker) leave(l leftOut, record []byte) (err error) {
	if t.left == nil {
		if t.left, err = create(t.at, leftName); err != nil {
			return err
		}
	}
	line, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if record != nil {
		line = append(append(append(line[:len(line)-1], `,"value":`...), record...), '}')
	}
	return t.left.row(line)
}
