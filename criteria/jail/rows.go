package jail

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/criteria/format"
)

// The parts of a message of rows: bytes of the text of a record, with their number before
// them (LE32); the end of a record; or a row that is none.
//
//	end of a record   number (LE64), digest, number of keys, and each key with its digest
//	no record         number (LE64), length of the rule, rule
const (
	partText   = 0
	partRecord = 1
	partDefect = 2
)

// maxRow bounds the text of a record that a child gives: white space is gone, but a table's
// record is longer than its row.
const maxRow = criteria.MaxRecordBytes

// maxColumns bounds the columns in a result, as JSON: names of a MiB, with what JSON adds.
const maxColumns = maxResult - 64<<10

// rowWriter sends rows, many in one message.
type rowWriter struct {
	child *child
	buf   []byte
}

// take is for flat.Read.
func (r *rowWriter) take(row flat.Row) error {
	if row.Rule != "" {
		rule := row.Rule[:min(len(row.Rule), maxName)]
		r.buf = append(r.buf, partDefect)
		r.buf = binary.LittleEndian.AppendUint64(r.buf, row.Number)
		r.buf = binary.LittleEndian.AppendUint16(r.buf, uint16(len(rule)))
		r.buf = append(r.buf, rule...)
		return r.settle()
	}
	for text := row.Text; len(text) > 0; {
		n := min(len(text), chunk)
		r.buf = append(r.buf, partText)
		r.buf = binary.LittleEndian.AppendUint32(r.buf, uint32(n))
		r.buf = append(r.buf, text[:n]...)
		if text = text[n:]; len(text) > 0 {
			if err := r.settle(); err != nil {
				return err
			}
		}
	}
	r.buf = append(r.buf, partRecord)
	r.buf = binary.LittleEndian.AppendUint64(r.buf, row.Number)
	r.buf = append(append(r.buf, row.Content[:]...), byte(len(row.Keys)))
	for _, key := range row.Keys {
		r.buf = append(append(r.buf, key.Number), key.Digest[:]...)
	}
	return r.settle()
}

func (r *rowWriter) settle() error {
	if len(r.buf) < chunk {
		return nil
	}
	return r.flush()
}

func (r *rowWriter) flush() error {
	if len(r.buf) == 0 {
		return nil
	}
	err := r.child.send(kindRows, r.buf)
	r.buf = r.buf[:0]
	return err
}

// rowReader takes the rows of messages. It holds the text of one record.
type rowReader struct {
	take func(flat.Row) error
	text []byte
	keys []flat.Key
	last uint64 // number of the last row
}

// message takes a message. errFrame: it has not the form.
func (r *rowReader) message(body []byte) error {
	in := fields{rest: body}
	for len(in.rest) > 0 {
		switch in.byte() {
		case partText:
			text := in.bytes(in.uint32())
			if in.short || len(r.text)+len(text) > maxRow {
				return fmt.Errorf("%w: the text of a record", errFrame)
			}
			r.text = append(r.text, text...)
		case partRecord:
			if err := r.record(&in); err != nil {
				return err
			}
		case partDefect:
			if err := r.defect(&in); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%w: a part of rows", errFrame)
		}
	}
	return nil
}

func (r *rowReader) record(in *fields) error {
	row := flat.Row{Number: in.uint64()}
	copy(row.Content[:], in.bytes(uint32(len(row.Content))))
	r.keys = r.keys[:0]
	for range in.byte() {
		key := flat.Key{Number: in.byte()}
		copy(key.Digest[:], in.bytes(uint32(len(key.Digest))))
		if r.keys = append(r.keys, key); key.Number >= criteria.MaxUnique || len(r.keys) > criteria.MaxUnique {
			return fmt.Errorf("%w: the keys of a record", errFrame)
		}
	}
	if in.short || row.Number <= r.last || !onOneLine(r.text) {
		return fmt.Errorf("%w: a record", errFrame)
	}
	row.Text, row.Keys, r.last = r.text, r.keys, row.Number
	err := r.take(row)
	r.text = r.text[:0]
	return aborted(err)
}

func (r *rowReader) defect(in *fields) error {
	row := flat.Row{Number: in.uint64()}
	row.Rule = string(in.bytes(uint32(in.uint16())))
	if in.short || row.Rule == "" || !fit(row.Rule) || row.Number != 0 && row.Number <= r.last || len(r.text) > 0 {
		return fmt.Errorf("%w: a row that is no record", errFrame)
	}
	r.last = max(r.last, row.Number)
	return aborted(r.take(row))
}

// aborted is an error of the parent's own.
func aborted(err error) error {
	if err == nil {
		return nil
	}
	return &abortedError{err}
}

// onOneLine reports whether a record can be a line of NDJSON: it is an object on the face of
// it, and has no line end.
func onOneLine(text []byte) bool {
	if len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return false
	}
	for _, c := range text {
		if c < ' ' {
			return false
		}
	}
	return true
}

// fields reads the fields of a message. short is set where it ends too early.
type fields struct {
	rest  []byte
	short bool
}

func (f *fields) bytes(n uint32) []byte {
	if uint64(n) > uint64(len(f.rest)) {
		f.rest, f.short = nil, true
		return nil
	}
	taken := f.rest[:n]
	f.rest = f.rest[n:]
	return taken
}

func (f *fields) byte() byte     { return padded(f.bytes(1))[0] }
func (f *fields) uint16() uint16 { return binary.LittleEndian.Uint16(padded(f.bytes(2))) }
func (f *fields) uint32() uint32 { return binary.LittleEndian.Uint32(padded(f.bytes(4))) }
func (f *fields) uint64() uint64 { return binary.LittleEndian.Uint64(padded(f.bytes(8))) }

// padded is what was read, or zeroes if there was too little.
func padded(b []byte) []byte {
	if b == nil {
		return make([]byte, 8)
	}
	return b
}

// Rows implements criteria.DatasetChecker.
func (c *checker) Rows(
	ctx context.Context, data format.Source, f format.Format, take func(flat.Row) error, progress func(bytes uint64),
) ([]flat.Column, bool, error) {
	rows := &rowReader{take: take}
	r, err := c.do(ctx, job{Verb: verbRows, MediaType: f.MediaType()}, work{source: data, rows: rows, progress: progress})
	if err == nil && (len(rows.text) > 0 || !known(r.Columns)) {
		err = &Error{Cause: Nonsense}
	}
	return r.Columns, r.All, err
}

// known reports whether a child's columns can be those of a table.
func known(list []flat.Column) bool {
	var columns flat.Columns
	return columns.Add(list) && !columns.Over && len(columns.List()) == len(list)
}

// rows is the side of the child.
func (c *child) rows(ctx context.Context, j job, src format.Source) (result, error) {
	if c.checker == nil {
		return result{}, errNoChecker
	}
	f, err := c.formats.Get(j.MediaType)
	if err != nil {
		return result{}, err
	}
	sent := &rowWriter{child: c}
	columns, all, err := c.checker.Rows(ctx, src, f, sent.take, c.count)
	if err == nil {
		err = sent.flush()
	}
	if raw, failed := json.Marshal(columns); failed != nil || len(raw) > maxColumns {
		columns, all = nil, false
	}
	return result{Columns: columns, All: all}, err
}

// Tabulate implements criteria.Engine.
func (j *Jail) Tabulate(ctx context.Context, dst io.Writer, src format.Source, t flat.Table) (flat.Written, error) {
	if err := t.Check(); err != nil {
		return flat.Written{}, err
	}
	out := &countedWriter{w: dst}
	limits := j.limits.with(forRecords(criteria.MaxRecordBytes)+fragileMemory, src.Size)
	p, err := j.start(limits)
	if err != nil {
		return flat.Written{}, err
	}
	r, err := p.do(ctx, job{Verb: verbTabulate, Size: src.Size, Table: &t}, work{source: src, output: out}, limits.Deadline)
	j.settle(ctx, parked{process: p}, false, err)
	if err == nil && r.Bytes != out.n {
		err = &Error{Cause: Nonsense}
	}
	return flat.Written{Records: r.Records, Bytes: r.Bytes, Formulas: r.Formulas}, err
}

// tabulate is the side of the child.
func (c *child) tabulate(ctx context.Context, j job, src format.Source) (result, error) {
	if j.Table == nil {
		return result{}, fmt.Errorf("%w: a job without a table", errFrame)
	}
	w, err := c.engine.Tabulate(ctx, outputWriter{c}, src, *j.Table)
	return result{Records: w.Records, Bytes: w.Bytes, Formulas: w.Formulas}, err
}
