package flat

import (
	"context"
	"errors"
	"io"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Digest stands for a value: the first 16 bytes of the BLAKE3 hash of its canonical bytes.
type Digest [16]byte

// Row is a record of a dataset, or a row that is none.
type Row struct {
	// Number counts the rows of the dataset from 1; 0 is the dataset as a whole.
	Number uint64
	// Rule is what a row breaks that is no record; empty for a record.
	Rule string
	// Text is a record without white space between its tokens, valid during the call only.
	Text []byte
	// Content is that of the record, Keys are those of its unique keys, by number. A key is
	// not there if a pointer of it leads nowhere.
	Content Digest
	Keys    []Key
}

// Key is the digest of one unique key of a record.
type Key struct {
	Number uint8
	Digest Digest
}

// KeyFunc writes the canonical bytes of a unique key, and reports whether the record has it.
type KeyFunc func(w io.Writer, record strict.Value) (present bool)

// Read gives the rows of src to take, and returns what columns their records have. An error
// is that of src, ctx or take.
func Read(
	ctx context.Context, src format.Source, f format.Format, o format.Options, keys []KeyFunc, take func(Row) error,
) (*Columns, error) {
	r := reader{keys: keys, take: take, columns: &Columns{}}
	in := f.Read(src, o)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		raw, err := in.Next()
		var defect *format.Defect
		switch {
		case errors.Is(err, io.EOF):
			return r.columns, nil
		case errors.As(err, &defect):
			err = r.defect(defect)
		case err == nil:
			r.number++
			err = r.record(raw)
		}
		if err != nil {
			return nil, err
		}
	}
}

type reader struct {
	keys    []KeyFunc
	take    func(Row) error
	columns *Columns
	number  uint64
	text    []byte
	found   []Key
}

// defect gives what is no record. A blank line is not worth a word.
func (r *reader) defect(d *format.Defect) error {
	if d.Blank {
		r.number++
		return nil
	}
	if !d.Record {
		return r.take(Row{Rule: d.Rule})
	}
	r.number++
	return r.take(Row{Number: r.number, Rule: d.Rule})
}

func (r *reader) record(raw []byte) error {
	tree, err := strict.Parse(raw)
	var broken *strict.Error
	if errors.As(err, &broken) {
		return r.take(Row{Number: r.number, Rule: broken.Rule})
	}
	if err != nil {
		return err
	}
	record := tree.Root()
	if record.Kind() != '{' {
		return r.take(Row{Number: r.number, Rule: strict.RuleObject})
	}
	r.text = appendJSON(r.text[:0], record)
	r.found = r.found[:0]
	for i, key := range r.keys {
		if digest, present := digestOf(func(w io.Writer) bool { return key(w, record) }); present {
			r.found = append(r.found, Key{uint8(i), digest})
		}
	}
	content, _ := digestOf(func(w io.Writer) bool { canonical.Write(w, record); return true })
	r.columns.take(record)
	return r.take(Row{Number: r.number, Text: r.text, Content: content, Keys: r.found})
}

func digestOf(write func(io.Writer) bool) (d Digest, ok bool) {
	h := blake3.New()
	if !write(h) {
		return d, false
	}
	copy(d[:], h.Sum(nil))
	return d, true
}

// appendJSON appends the JSON text of a value without white space: numbers, strings and the
// order of members stay as they are.
func appendJSON(b []byte, v strict.Value) []byte {
	switch v.Kind() {
	case '{':
		b = append(b, '{')
		for name, value := range v.Members() {
			b = append(append(b, name.Raw()...), ':')
			b = append(appendJSON(b, value), ',')
		}
		return closed(b, '}')
	case '[':
		b = append(b, '[')
		for _, element := range v.Elements() {
			b = append(appendJSON(b, element), ',')
		}
		return closed(b, ']')
	}
	return append(b, v.Raw()...)
}

// closed ends a container: its last comma becomes the bracket.
func closed(b []byte, end byte) []byte {
	if last := len(b) - 1; b[last] == ',' {
		b[last] = end
		return b
	}
	return append(b, end)
}
