package table

import (
	"bytes"
	"errors"
)

// errQuotes is a row whose quotes, or carriage returns, are not those of RFC 4180.
var errQuotes = errors.New("wrong quotes")

// split splits a row into its cells, which it appends to list. It removes quotes from
// the row itself. The cells are valid as long as the row.
func split(list [][]byte, row []byte, comma byte) ([][]byte, error) {
	if bytes.IndexByte(row, '"') < 0 {
		if bytes.IndexByte(row, '\r') >= 0 {
			return nil, errQuotes
		}
		return splitBare(list, row, comma), nil
	}
	for {
		cell, rest, more, err := first(row, comma)
		if err != nil {
			return nil, err
		}
		if list = append(list, cell); !more {
			return list, nil
		}
		row = rest
	}
}

func splitBare(list [][]byte, row []byte, comma byte) [][]byte {
	for {
		n := bytes.IndexByte(row, comma)
		if n < 0 {
			return append(list, row)
		}
		list, row = append(list, row[:n]), row[n+1:]
	}
}

// first takes the first cell off a row; more reports whether a separator follows it.
func first(row []byte, comma byte) (cell, rest []byte, more bool, err error) {
	if len(row) == 0 || row[0] != '"' {
		n := bytes.IndexByte(row, comma)
		if more = n >= 0; more {
			cell, rest = row[:n], row[n+1:]
		} else {
			cell = row
		}
		if bytes.ContainsAny(cell, "\"\r") {
			return nil, nil, false, errQuotes
		}
		return cell, rest, more, nil
	}
	text, end := row[1:1], 1 // the cell grows over its own text
	for {
		n := bytes.IndexByte(row[end:], '"')
		if n < 0 {
			return nil, nil, false, errQuotes
		}
		text = append(text, row[end:end+n]...)
		switch end += n + 1; {
		case end == len(row):
			return text, nil, false, nil
		case row[end] == comma:
			return text, row[end+1:], true, nil
		case row[end] != '"':
			return nil, nil, false, errQuotes
		}
		text, end = append(text, '"'), end+1
	}
}
