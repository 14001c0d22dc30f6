package flat

import (
	"io"
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

// file writes a Parquet file of one level, whose columns are all optional.
type file struct {
	w     rowWriter
	types []Type
	cells parquet.Row // of the present row
	rows  int
	held  int // bytes of the rows in the present row group
}

// rowWriter writes rows. The library's generic one wants a Go type.
type rowWriter interface {
	WriteRows(rows []parquet.Row) (int, error)
	Flush() error
	Close() error
}

func newParquet(w io.Writer, columns []Column) *file {
	f := &file{types: make([]Type, len(columns))}
	var fields []parquet.Field
	for i, c := range columns {
		f.types[i] = c.Kinds.Type()
		fields = append(fields, member{parquet.Optional(leafOf(f.types[i])), c.Name()})
	}
	f.w = parquet.NewWriter(w, parquet.NewSchema("record", record{fields: fields}),
		parquet.Compression(&parquet.Snappy), parquet.CreatedBy("pdx", "1", ""), parquet.PageBufferSize(pageBytes))
	return f
}

func leafOf(t Type) parquet.Node {
	switch t {
	case Boolean:
		return parquet.Leaf(parquet.BooleanType)
	case Integer:
		return parquet.Leaf(parquet.Int64Type)
	case Float:
		return parquet.Leaf(parquet.DoubleType)
	case JSON:
		return parquet.JSON()
	default:
		return parquet.String()
	}
}

// record is a group whose fields have an order; the library's own sorts them by name.
type record struct {
	parquet.Group
	fields []parquet.Field
}

// Fields implements parquet.Node.
func (r record) Fields() []parquet.Field { return r.fields }

// member is a column.
type member struct {
	parquet.Node
	name string
}

// Name implements parquet.Field.
func (m member) Name() string { return m.name }

// Value implements parquet.Field. No Go values are written.
func (member) Value(reflect.Value) reflect.Value { return reflect.Value{} }

func (f *file) row(cells []cell) error {
	f.cells = f.cells[:0]
	for i, c := range cells {
		v, err := f.value(f.types[i], c)
		if err != nil {
			return err
		}
		level := 1
		if v.IsNull() {
			level = 0
		}
		f.cells = append(f.cells, v.Level(0, level, i))
	}
	if _, err := f.w.WriteRows([]parquet.Row{f.cells}); err != nil {
		return err
	}
	f.held += len(cells)
	if f.rows++; f.rows < groupRows && f.held < groupBytes {
		return nil
	}
	f.rows, f.held = 0, 0
	return f.w.Flush()
}

// value is a cell as the type of its column has it: Kinds.Type sees to it that all fit.
func (f *file) value(t Type, c cell) (parquet.Value, error) {
	if !c.there || c.Kind() == 'n' {
		return parquet.NullValue(), nil
	}
	switch t {
	case Boolean:
		return parquet.BooleanValue(c.Kind() == 't'), nil
	case Integer:
		n, err := strconv.ParseInt(string(c.Raw()), 10, 64)
		f.held += 8
		return parquet.Int64Value(n), err
	case Float:
		n, err := strconv.ParseFloat(string(c.Raw()), 64)
		f.held += 8
		return parquet.DoubleValue(n), err
	}
	text := appendJSON
	if t == Text {
		text = func(b []byte, v strict.Value) []byte { return append(b, v.Text()...) }
	}
	own := text(nil, c.Value)
	f.held += len(own)
	return parquet.ByteArrayValue(own), nil
}

func (f *file) close() error     { return f.w.Close() }
func (f *file) formulas() uint64 { return 0 }
