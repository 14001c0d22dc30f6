package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/medibloc/pdx"
)

// Page reads the next values that a query selects, at most its Limit of them, which must
// be positive, and returns a cursor for those after them, "" at the end. The first page
// has the cursor "". Rows that come or go between two pages do not move the others.
// Damaged rows are left out, so a page may have fewer values than the limit and a cursor.
//
// A cursor that no Page returned is pdx.ErrInvalid.
func (t *Table[T]) Page(ctx context.Context, q Query, cursor string) (values []T, next string, err error) {
	values, next, err = t.page(ctx, q, cursor)
	return values, next, t.explain("read a page of", "", err)
}

func (t *Table[T]) page(ctx context.Context, q Query, cursor string) (values []T, next string, err error) {
	q.Table = t.name
	if q.Limit <= 0 {
		return nil, "", fmt.Errorf("%w: a page without a limit", pdx.ErrInvalid)
	}
	if cursor != "" {
		if q.From, q.After, err = ReadCursor(cursor); err != nil {
			return nil, "", err
		}
	}
	limit, rows, at := q.Limit, 0, Row{}
	q.Limit++ // one more says whether there is a next page
	for r, err := range t.db.backend.Rows(ctx, q) {
		if err != nil {
			return nil, "", err
		}
		if rows++; rows > limit {
			return values, CursorAt(at, q.Field), nil
		}
		at = r
		value, err := decode[T](r)
		if t.db.damages.found(err) == nil {
			values = append(values, value)
		}
	}
	return values, "", nil
}

// CursorAt returns the cursor of the rows after r, in the order of a field or, with "", of
// keys.
func CursorAt(r Row, field string) string {
	value := any(r.Key)
	if field != "" {
		value = FieldOf(r.Body, field)
	}
	text, err := json.Marshal([]any{value, r.Key})
	if err != nil { // text and numbers that came out of JSON
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ReadCursor returns the field and key of the row that a cursor was made at.
func ReadCursor(cursor string) (value any, key string, err error) {
	bad := fmt.Errorf("%w: cursor %q: use one that the list before it gave", pdx.ErrInvalid, cursor)
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, "", bad
	}
	var parts []json.RawMessage
	if json.Unmarshal(text, &parts) != nil || len(parts) != 2 || json.Unmarshal(parts[1], &key) != nil || key == "" {
		return nil, "", bad
	}
	if value = indexed(parts[0]); value == nil {
		return nil, "", bad
	}
	return value, key, nil
}
