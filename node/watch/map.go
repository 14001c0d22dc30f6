package watch

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/medibloc/pdx/internal/notify"
)

// Map holds values by key. Make one with NewMap; it is safe for concurrent use.
// Values are shared with readers: they must not be changed once they are set.
type Map[K cmp.Ordered, V any] struct {
	mu      sync.Mutex // guards all fields, and those of indexes and watches
	values  map[K]V
	indexes []index[K, V]
	watches map[*watch[K, V]]struct{}
}

// index is an Index of any type.
type index[K, V any] interface {
	add(key K, value V)
	remove(key K, value V)
}

// watch notes the keys that changed since its reader last looked.
type watch[K cmp.Ordered, V any] struct {
	changed map[K]struct{}
	last    map[K]V       // of keys that were retired since then
	news    notify.Signal // set when changed is not empty
}

func (w *watch[K, V]) note(key K) {
	delete(w.last, key)
	w.changed[key] = struct{}{}
	w.news.Set()
}

// NewMap returns an empty Map.
func NewMap[K cmp.Ordered, V any]() *Map[K, V] {
	return &Map[K, V]{values: map[K]V{}, watches: map[*watch[K, V]]struct{}{}}
}

// Get returns the value of a key; ok is false if there is none.
func (m *Map[K, V]) Get(key K) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok = m.values[key]
	return value, ok
}

// Set gives a key its value and tells watchers.
func (m *Map[K, V]) Set(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(key, value)
}

// Update replaces the value of a key by what change makes of it, unless there is none
// or change returns false. change runs under the map's lock: it must not call the map.
func (m *Map[K, V]) Update(key K, change func(V) (V, bool)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[key]
	if !ok {
		return
	}
	if value, ok = change(value); ok {
		m.set(key, value)
	}
}

// Delete forgets a key. Watchers that have not seen its last value never will.
func (m *Map[K, V]) Delete(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(key)
	delete(m.values, key)
}

// Retire forgets a key after its last value, which all present watchers still get.
func (m *Map[K, V]) Retire(key K, last V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(key)
	delete(m.values, key)
	for w := range m.watches {
		w.note(key)
		w.last[key] = last
	}
}

// Values returns all values, by key.
func (m *Map[K, V]) Values() []V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of(maps.Keys(m.values))
}

// Watch yields all values by key, and then, again and again, the latest of each that
// changed. It ends with ctx or with the loop.
func (m *Map[K, V]) Watch(ctx context.Context) iter.Seq[V] {
	return func(yield func(V) bool) {
		w := m.join()
		defer m.leave(w)
		for {
			for _, value := range m.news(w) {
				if !yield(value) {
					return
				}
			}
			select {
			case <-w.news:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (m *Map[K, V]) join() *watch[K, V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := &watch[K, V]{changed: map[K]struct{}{}, last: map[K]V{}, news: notify.New()}
	m.watches[w] = struct{}{}
	for key := range m.values {
		w.note(key)
	}
	return w
}

func (m *Map[K, V]) leave(w *watch[K, V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.watches, w)
}

func (m *Map[K, V]) news(w *watch[K, V]) (values []V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(w.changed)) {
		if value, ok := w.last[key]; ok {
			values = append(values, value)
		} else if value, ok := m.values[key]; ok {
			values = append(values, value)
		}
	}
	clear(w.changed)
	clear(w.last)
	return values
}

// of returns the values of those keys that have one, by key. The caller holds mu.
func (m *Map[K, V]) of(keys iter.Seq[K]) (values []V) {
	for _, key := range slices.Sorted(keys) {
		if value, ok := m.values[key]; ok {
			values = append(values, value)
		}
	}
	return values
}

// set needs mu.
func (m *Map[K, V]) set(key K, value V) {
	m.remove(key)
	m.values[key] = value
	for _, x := range m.indexes {
		x.add(key, value)
	}
	for w := range m.watches {
		w.note(key)
	}
}

// remove takes the value of a key out of the indexes. The caller holds mu.
func (m *Map[K, V]) remove(key K) {
	value, ok := m.values[key]
	if !ok {
		return
	}
	for _, x := range m.indexes {
		x.remove(key, value)
	}
}
