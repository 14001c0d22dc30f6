package storetest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/medibloc/pdx/node/store"
)

// Range reads the values that a query selects. Every field counts as indexed.
func (t *Table[T]) Range(ctx context.Context, q store.Query) (values []T, err error) {
	if err := store.CheckScan(ctx); err != nil && q.Limit == 0 {
		return nil, err
	}
	if ctx.Value(quietKey{}) == nil {
		if err := t.Hook.before("range"); err != nil {
			return nil, err
		}
	}
	for _, r := range t.rows(q) {
		var value T
		if err := json.Unmarshal(r.Body, &value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

// Page reads the next values that a query selects, and the cursor of those after them.
func (t *Table[T]) Page(ctx context.Context, q store.Query, cursor string) (values []T, next string, err error) {
	if cursor != "" {
		if q.From, q.After, err = store.ReadCursor(cursor); err != nil {
			return nil, "", err
		}
	}
	limit := q.Limit
	q.Limit++
	if values, err = t.Range(ctx, q); err != nil || len(values) <= limit {
		return values, "", err
	}
	return values[:limit], store.CursorAt(t.rows(q)[limit-1], q.Field), nil
}

// rows are the undamaged rows that a query selects.
func (t *Table[T]) rows(q store.Query) (rows []store.Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sign := 1
	if q.Reverse {
		sign = -1
	}
	values := map[string]any{}
	for key, body := range t.docs {
		has := any(key)
		if q.Field != "" {
			has = store.FieldOf(body, q.Field)
		}
		switch {
		case has == nil || t.damaged[key]:
		case q.From != nil && sign*compare(has, q.From) < 0:
		case q.From != nil && q.After != "" && compare(has, q.From) == 0 && sign*cmp.Compare(key, q.After) <= 0:
		case q.To != nil && sign*compare(has, q.To) >= 0:
		default:
			values[key] = has
			rows = append(rows, store.Row{Key: key, Body: body})
		}
	}
	slices.SortFunc(rows, func(a, b store.Row) int {
		return sign * cmp.Or(compare(values[a.Key], values[b.Key]), cmp.Compare(a.Key, b.Key))
	})
	if q.Limit > 0 && len(rows) > q.Limit {
		rows = rows[:q.Limit]
	}
	return rows
}

// compare orders the values of an index: whole numbers, then text.
func compare(a, b any) int {
	x, number := a.(int64)
	y, numbers := b.(int64)
	switch {
	case number && numbers:
		return cmp.Compare(x, y)
	case number:
		return -1
	case numbers:
		return 1
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}
