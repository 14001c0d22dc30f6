package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// Row is a document as a Backend keeps it.
type Row struct {
	Table, Key string
	Body       []byte     // JSON
	Sum        []byte     // Checksum
	Deal       pdx.DealID // that the document is about; 0 for none
}

// NewRow returns the row of a document, with its checksum.
func NewRow(table, key string, body []byte) Row {
	return Row{Table: table, Key: key, Body: body, Sum: Checksum(table, key, body), Deal: dealOf(body)}
}

// Checksum returns 16 bytes over a row's body, table and key, so that a row under another
// key fails it, too. It detects accidents, not attacks.
func Checksum(table, key string, body []byte) []byte {
	h := blake3.New()
	for _, part := range [][]byte{[]byte(table), []byte(key), body} {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // a hash takes everything
		_, _ = h.Write(part)
	}
	return h.Sum(nil)[:16]
}

// dealOf returns the number in a document's field Deal, or 0. It is stored beside
// the document, so that it is still known when the document is damaged.
func dealOf(body []byte) pdx.DealID {
	var about struct{ Deal pdx.DealID }
	if json.Unmarshal(body, &about) != nil {
		return 0
	}
	return about.Deal
}

// Fault returns what is wrong with a row, or "".
func (r Row) Fault() string {
	if !bytes.Equal(r.Sum, Checksum(r.Table, r.Key, r.Body)) {
		return "its checksum does not match"
	}
	return ""
}

// Damage names a row and its fault.
func (r Row) Damage(fault string) Damage {
	return Damage{Table: r.Table, Key: r.Key, Deal: r.Deal, Fault: fault}
}

// decode reads the document of a row; damage is a *damageError.
func decode[T any](r Row) (T, error) {
	var value T
	if fault := r.Fault(); fault != "" {
		return value, &damageError{r.Damage(fault)}
	}
	if err := json.Unmarshal(r.Body, &value); err != nil {
		var zero T
		return zero, &damageError{r.Damage(fmt.Sprintf("its document does not parse: %v", err))}
	}
	return value, nil
}
