package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// row is a document as it is stored.
type row struct {
	table, key string
	body, sum  []byte
	deal       pdx.DealID
}

const rowColumns = "collection, key, body, sum, deal"

// newRow is the row of a document, with its checksum.
func newRow(table, key string, body []byte) row {
	return row{table: table, key: key, body: body, sum: checksum(table, key, body), deal: dealOf(body)}
}

// checksum covers a row's body and where it lies, so that a row under a changed
// name fails it too. It finds accidents, not attacks: 16 bytes.
func checksum(table, key string, body []byte) []byte {
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

// values are the row's in the order of rowColumns.
func (r row) values() []any { return []any{r.table, r.key, r.body, r.sum, int64(r.deal)} }

// scanRow reads rowColumns whatever types damage has given to the values.
func scanRow(from interface{ Scan(...any) error }) (row, error) {
	var table, key, body, sum, deal any
	if err := from.Scan(&table, &key, &body, &sum, &deal); err != nil {
		return row{}, err
	}
	r := row{table: string(bytesOf(table)), key: string(bytesOf(key)), body: bytesOf(body), sum: bytesOf(sum)}
	if n, ok := deal.(int64); ok && n > 0 {
		r.deal = pdx.DealID(n)
	}
	return r, nil
}

func bytesOf(value any) []byte {
	switch v := value.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// fault returns what is wrong with a row, or "".
func (r row) fault() string {
	if !bytes.Equal(r.sum, checksum(r.table, r.key, r.body)) {
		return "its checksum does not match"
	}
	return ""
}

// decode reads the document of a row; damage is a *damageError.
func decode[T any](r row) (T, error) {
	var value T
	if fault := r.fault(); fault != "" {
		return value, &damageError{r.damage(fault)}
	}
	if err := json.Unmarshal(r.body, &value); err != nil {
		var zero T
		return zero, &damageError{r.damage(fmt.Sprintf("its document does not parse: %v", err))}
	}
	return value, nil
}
