package watch

import (
	"cmp"
	"maps"
	"slices"
)

// An Index finds the values of a Map by terms that are computed from each value, such as
// the pool of a deal. Make one with NewIndex; it is as safe for concurrent use as its Map.
type Index[T comparable, K cmp.Ordered, V any] struct {
	of    *Map[K, V]
	terms func(value V, under func(T))
	keys  map[T]map[K]struct{}
}

// NewIndex adds an index to m. terms calls under for each term of a value; it must always
// yield the same terms for the same value.
func NewIndex[T comparable, K cmp.Ordered, V any](m *Map[K, V], terms func(value V, under func(T))) *Index[T, K, V] {
	x := &Index[T, K, V]{of: m, terms: terms, keys: map[T]map[K]struct{}{}}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.indexes = append(m.indexes, x)
	for key, value := range m.values {
		x.add(key, value)
	}
	return x
}

// Find returns the values that have a term, in the order of their keys.
func (x *Index[T, K, V]) Find(term T) []V {
	x.of.mu.Lock()
	defer x.of.mu.Unlock()
	return x.of.of(maps.Keys(x.keys[term]))
}

// First returns the value with the lowest key among those that have a term; ok is false if
// there is none.
func (x *Index[T, K, V]) First(term T) (value V, ok bool) {
	x.of.mu.Lock()
	defer x.of.mu.Unlock()
	keys := slices.Collect(maps.Keys(x.keys[term]))
	if len(keys) == 0 {
		return value, false
	}
	return x.of.values[slices.Min(keys)], true
}

// Has reports whether a value has a term.
func (x *Index[T, K, V]) Has(term T) bool {
	x.of.mu.Lock()
	defer x.of.mu.Unlock()
	return len(x.keys[term]) > 0
}

// Terms returns the terms of all values, each once and in no order.
func (x *Index[T, K, V]) Terms() []T {
	x.of.mu.Lock()
	defer x.of.mu.Unlock()
	return slices.Collect(maps.Keys(x.keys))
}

func (x *Index[T, K, V]) add(key K, value V) {
	x.terms(value, func(term T) {
		if x.keys[term] == nil {
			x.keys[term] = map[K]struct{}{}
		}
		x.keys[term][key] = struct{}{}
	})
}

func (x *Index[T, K, V]) remove(key K, value V) {
	x.terms(value, func(term T) {
		if delete(x.keys[term], key); len(x.keys[term]) == 0 {
			delete(x.keys, term)
		}
	})
}
