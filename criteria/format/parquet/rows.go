package parquet

import (
	"github.com/parquet-go/parquet-go"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/internal/jsontext"
)

// assembly writes one row as a record.
type assembly struct {
	text  []byte
	limit int // of text
}

// errRow is how the writing of a row ends early.
type errRow string

// Error implements error.
func (e errRow) Error() string { return string(e) }

const (
	errLong   = errRow("too long")
	errValue  = errRow("a value has no form")
	errLevels = errRow("levels that contradict each other")
)

var badValue = &format.Defect{
	Rule: RuleValue, Record: true,
	Reason: "a value has no form in a record: a number that is not finite, a text that is not UTF-8, or a time beyond the years 1 to 9999",
}

// row writes a row of columns values.
func (a *assembly) row(root *node, row parquet.Row) error {
	columns := make([][]parquet.Value, root.leaves)
	for i := 0; i < len(row); {
		c, j := row[i].Column(), i
		for j < len(row) && row[j].Column() == c {
			j++
		}
		if c < 0 || c >= len(columns) || columns[c] != nil {
			return errLevels
		}
		columns[c], i = row[i:j], j
	}
	for _, values := range columns {
		if len(values) == 0 {
			return errLevels
		}
	}
	a.text = a.text[:0]
	return a.members(root.children, columns)
}

// members writes an object. columns are those of the leaves of all its members.
func (a *assembly) members(children []*node, columns [][]parquet.Value) error {
	a.text = append(a.text, '{')
	begin := len(a.text)
	for _, child := range children {
		own := columns[child.first-children[0].first:][:child.leaves]
		if child.optional {
			there, err := child.present(own)
			if err != nil {
				return err
			}
			if !there {
				continue
			}
		}
		if len(a.text) > begin {
			a.text = append(a.text, ',')
		}
		a.text = append(jsontext.AppendString(a.text, child.name), ':')
		if err := a.field(child, own); err != nil {
			return err
		}
	}
	a.text = append(a.text, '}')
	return nil
}

// field writes a field that is there, with all its elements if it is repeated.
func (a *assembly) field(n *node, columns [][]parquet.Value) error {
	if n.repeated {
		return a.elements(n, columns)
	}
	return a.value(n, columns)
}

// value writes one value.
func (a *assembly) value(n *node, columns [][]parquet.Value) error {
	if len(a.text) > a.limit {
		return errLong
	}
	switch {
	case n.write != nil:
		if len(columns[0]) != 1 || columns[0][0].DefinitionLevel() != n.level {
			return errLevels
		}
		var ok bool
		if a.text, ok = n.write(a.text, columns[0][0]); !ok {
			return errValue
		}
		return nil
	case n.element != nil && n.element.repeated: // an annotated list or map
		return a.elements(n.element, columns)
	case n.element != nil: // what an element of three levels is
		return a.orNull(n.element, columns)
	}
	return a.members(n.children, columns)
}

// orNull writes a value, or null for one that is not there: an element keeps its position.
func (a *assembly) orNull(n *node, columns [][]parquet.Value) error {
	if n.optional {
		there, err := n.present(columns)
		if err != nil {
			return err
		}
		if !there {
			a.text = append(a.text, "null"...)
			return nil
		}
	}
	return a.field(n, columns)
}

// elements writes an array.
func (a *assembly) elements(n *node, columns [][]parquet.Value) error {
	a.text = append(a.text, '[')
	there, err := n.present(columns)
	if err != nil {
		return err
	}
	for more := there; more; {
		own := make([][]parquet.Value, len(columns))
		more = false
		for i, values := range columns {
			end := 1
			for end < len(values) && values[end].RepetitionLevel() > n.depth {
				end++
			}
			own[i], columns[i] = values[:end], values[end:]
			if i > 0 && more != (len(columns[i]) > 0) {
				return errLevels
			}
			more = len(columns[i]) > 0
		}
		if err := a.value(n, own); err != nil {
			return err
		}
		if more {
			a.text = append(a.text, ',')
		}
	}
	a.text = append(a.text, ']')
	return nil
}

// present reports whether a field has a value. All its columns must agree.
func (n *node) present(columns [][]parquet.Value) (there bool, err error) {
	for i, values := range columns {
		here := values[0].DefinitionLevel() >= n.level
		if i > 0 && here != there || !here && len(values) != 1 {
			return false, errLevels
		}
		there = here
	}
	return there, nil
}
