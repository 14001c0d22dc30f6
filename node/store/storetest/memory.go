package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// Hook is called before every operation with its name ("put", "put all",
// "change all", "get", "update", "delete", "all", "find",
// "range", "count"); its error is the operation's.
type Hook func(op string) error

// Table is a table in memory. Like a real one it keeps JSON, so what does not
// survive encoding is lost here too. The zero Table is empty and ready.
type Table[T any] struct {
	Hook Hook // set before use; nil for none

	mu      sync.Mutex
	docs    map[string][]byte
	damaged map[string]bool
}

// Damage makes the row under key one that fails its checksum: Get and Update are
// pdx.ErrCorrupt, All leaves it out, and it cannot be overwritten.
func (t *Table[T]) Damage(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.damaged == nil {
		t.damaged = map[string]bool{}
	}
	t.damaged[key] = true
}

type quietKey struct{}

// Quiet returns a context with which Range and Page do not call the hook: for a test that
// looks at a table while the hook makes the calls of others fail, or counts them.
func Quiet(ctx context.Context) context.Context { return context.WithValue(ctx, quietKey{}, true) }

func (h Hook) before(op string) error {
	if h == nil {
		return nil
	}
	return h(op)
}

// Put writes value under key.
func (t *Table[T]) Put(_ context.Context, key string, value T) error {
	if err := t.Hook.before("put"); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.put(key, value)
}

func (t *Table[T]) put(key string, value T) error {
	if key == "" {
		return fmt.Errorf("%w: empty key", pdx.ErrInvalid)
	}
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%w: %v", pdx.ErrInvalid, err)
	}
	if t.damaged[key] {
		return fmt.Errorf("%s: %w", key, pdx.ErrCorrupt)
	}
	if t.docs == nil {
		t.docs = map[string][]byte{}
	}
	t.docs[key] = body
	return nil
}

// PutAll writes all these values by key, or none.
func (t *Table[T]) PutAll(_ context.Context, values map[string]T) error {
	if err := t.Hook.before("put all"); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	before := maps.Clone(t.docs)
	for key, value := range values {
		if err := t.put(key, value); err != nil {
			t.docs = before
			return err
		}
	}
	return nil
}

// ChangeAll writes what change makes of the value under each key, or nothing.
func (t *Table[T]) ChangeAll(_ context.Context, keys []string, change func(T) T) error {
	if err := t.Hook.before("change all"); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	before := maps.Clone(t.docs)
	for _, key := range keys {
		var value T
		if _, ok := t.docs[key]; ok {
			var err error
			if value, err = t.get(key); err != nil {
				return err
			}
		}
		if err := t.put(key, change(value)); err != nil {
			t.docs = before
			return err
		}
	}
	return nil
}

// Get reads the value under key, or ErrNotFound.
func (t *Table[T]) Get(_ context.Context, key string) (value T, err error) {
	if err := t.Hook.before("get"); err != nil {
		return value, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.get(key)
}

func (t *Table[T]) get(key string) (value T, err error) {
	body, ok := t.docs[key]
	switch {
	case t.damaged[key]:
		return value, fmt.Errorf("%s: %w", key, pdx.ErrCorrupt)
	case !ok:
		return value, fmt.Errorf("%s: %w", key, pdx.ErrNotFound)
	}
	return value, json.Unmarshal(body, &value)
}

// Update changes the value under key.
func (t *Table[T]) Update(_ context.Context, key string, change func(T) (T, error)) (T, error) {
	var zero T
	if err := t.Hook.before("update"); err != nil {
		return zero, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	value, err := t.get(key)
	if err != nil {
		return zero, err
	}
	if value, err = change(value); err != nil {
		return zero, err
	}
	return value, t.put(key, value)
}

// Delete removes key.
func (t *Table[T]) Delete(_ context.Context, key string) error {
	if err := t.Hook.before("delete"); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.docs, key)
	delete(t.damaged, key)
	return nil
}

// All reads every value in the order of keys.
func (t *Table[T]) All(ctx context.Context) ([]T, error) {
	if err := store.CheckScan(ctx); err != nil {
		return nil, err
	}
	if err := t.Hook.before("all"); err != nil {
		return nil, err
	}
	return t.read(func([]byte) bool { return true })
}

// read reads the undamaged values whose documents are wanted, in the order of keys.
func (t *Table[T]) read(wanted func(document []byte) bool) ([]T, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var values []T
	for _, key := range slices.Sorted(maps.Keys(t.docs)) {
		if t.damaged[key] || !wanted(t.docs[key]) {
			continue
		}
		value, err := t.get(key)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

// Find reads the values whose field has a value, in the order of keys. Every field
// counts as indexed.
func (t *Table[T]) Find(_ context.Context, field string, value any) ([]T, error) {
	want, err := store.IndexValue(value)
	if err != nil {
		return nil, err
	}
	if err := t.Hook.before("find"); err != nil {
		return nil, err
	}
	return t.read(func(document []byte) bool { return store.FieldOf(document, field) == want })
}

// Count is how many values there are.
func (t *Table[T]) Count(ctx context.Context) (int, error) {
	if err := store.CheckScan(ctx); err != nil {
		return 0, err
	}
	if err := t.Hook.before("count"); err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.docs), nil
}

// Names lists the keys that begin with prefix, in order.
func (t *Table[T]) Names(_ context.Context, prefix string) (names []string, err error) {
	if err := t.Hook.before("names"); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for key := range t.docs {
		if strings.HasPrefix(key, prefix) {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	return names, nil
}
