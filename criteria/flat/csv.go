package flat

import (
	"bufio"
	"bytes"
	"io"
)

// csv writes tables that RFC 4180 describes, with the line ends of Unix.
type csv struct {
	w      *bufio.Writer
	guard  bool
	only   bool   // it has one column
	buf    []byte // of the present line
	text   []byte // of the present cell
	hidden uint64 // cells and names that are taken for formulas
}

const (
	mark = "\ufeff" // the byte order mark, by which Excel knows UTF-8
	// formula are the characters with which text begins that a spreadsheet evaluates.
	formula = "=+-@\t\r\n"
)

// newCSV writes the header. Its errors come with the next write.
func newCSV(w io.Writer, t Table) *csv {
	c := &csv{w: bufio.NewWriterSize(w, 64<<10), guard: t.Spreadsheet, only: len(t.Columns) == 1}
	if t.Spreadsheet {
		_, _ = c.w.WriteString(mark)
	}
	for i, column := range t.Columns {
		c.separate(i)
		c.append([]byte(column.Name()), true)
	}
	_, _ = c.w.Write(append(c.buf, '\n'))
	return c
}

func (c *csv) separate(i int) {
	if i > 0 {
		c.buf = append(c.buf, ',')
	}
}

func (c *csv) row(cells []cell) error {
	c.buf = c.buf[:0]
	for i, v := range cells {
		c.separate(i)
		c.cell(v)
	}
	_, err := c.w.Write(append(c.buf, '\n'))
	return err
}

// cell appends a value: text as it is, anything else as JSON, nothing for null and for what
// is not there. An empty text is in quotes.
func (c *csv) cell(v cell) {
	switch {
	case !v.there || v.Kind() == 'n':
		if c.only { // else the line would be blank
			c.buf = append(c.buf, `""`...)
		}
	case v.Kind() == '"':
		c.append(v.Text(), true)
	default:
		c.text = appendJSON(c.text[:0], v.Value)
		c.append(c.text, false)
	}
}

// append appends a cell, in quotes where it must be.
func (c *csv) append(cell []byte, text bool) {
	evaluated := text && len(cell) > 0 && bytes.IndexByte([]byte(formula), cell[0]) >= 0
	if evaluated {
		c.hidden++
	}
	evaluated = evaluated && c.guard
	if len(cell) > 0 && !bytes.ContainsAny(cell, ",\"\r\n") && !bytes.HasPrefix(cell, []byte(mark)) {
		if evaluated {
			c.buf = append(c.buf, '\'')
		}
		c.buf = append(c.buf, cell...)
		return
	}
	c.buf = append(c.buf, '"')
	if evaluated {
		c.buf = append(c.buf, '\'')
	}
	c.buf = append(c.buf, bytes.ReplaceAll(cell, []byte{'"'}, []byte(`""`))...)
	c.buf = append(c.buf, '"')
}

func (c *csv) close() error     { return c.w.Flush() }
func (c *csv) formulas() uint64 { return c.hidden }
