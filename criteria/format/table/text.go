package table

import (
	"unicode/utf8"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

const hex = "0123456789abcdef"

// appendText appends a cell as a JSON string. Escaped are quotes, backslashes and
// control characters below 0x20, these as \u00 and two hexadecimal digits.
func appendText(b, cell []byte) []byte {
	b = append(b, '"')
	from := 0
	for i := strict.PlainRun(cell, 0); i < len(cell); i = strict.PlainRun(cell, i+1) {
		c := cell[i]
		if c >= utf8.RuneSelf {
			continue
		}
		b = append(b, cell[from:i]...)
		if from = i + 1; c >= 0x20 {
			b = append(b, '\\', c)
		} else {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, cell[from:]...), '"')
}

// appendCell appends a cell as JSON: as what its column is if it reads so, else as text.
func appendCell(b, cell []byte, kind format.Column) []byte {
	switch {
	case kind == format.Number && isNumber(cell):
		return append(b, cell...)
	case kind == format.Boolean && isWord(cell, "true"):
		return append(b, "true"...)
	case kind == format.Boolean && isWord(cell, "false"):
		return append(b, "false"...)
	}
	return appendText(b, cell)
}

// isNumber reports whether a cell is a number of strict JSON, and nothing else.
func isNumber(cell []byte) bool {
	if len(cell) > strict.MaxNumberBytes || cell[0] != '-' && (cell[0] < '0' || cell[0] > '9') {
		return false
	}
	s := strict.NewScanner(cell)
	raw, err := s.Scalar()
	return err == nil && len(raw) == len(cell)
}

// isWord compares in any ASCII case.
func isWord(cell []byte, word string) bool {
	if len(cell) != len(word) {
		return false
	}
	for i, c := range cell {
		if c|0x20 != word[i] || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendRow appends a row as a record: a member for each cell that is not empty, in the
// order of the columns, without white space.
func appendRow(b []byte, columns []column, cells [][]byte) []byte {
	b = append(b, '{')
	for i, cell := range cells {
		if len(cell) == 0 {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(b, columns[i].member...)
		b = appendCell(b, cell, columns[i].kind)
	}
	return append(b, '}')
}
