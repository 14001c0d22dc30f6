// Package fieldlies makes, for tests, every value that differs from a true one in a single
// field, however deep. A field that is added to a type is covered by itself.
package fieldlies

import (
	"fmt"
	"reflect"
	"time"
)

// A Lie is a value that differs from the truth in one field.
type Lie[T any] struct {
	Field string // its path, as Dataset.Root
	Value T
}

// About returns the lies about a value. Numbers, bytes, texts, flags, times, pointers and
// lists are changed in a way or two. Others are values that a field of their type takes
// instead: enumerations, and types with no exported fields. It panics about a kind of field
// that it does not know, so that no field is left out by mistake.
func About[T any](truth T, others ...any) []Lie[T] {
	known := map[reflect.Type][]reflect.Value{}
	for _, other := range others {
		v := reflect.ValueOf(other)
		known[v.Type()] = append(known[v.Type()], v)
	}
	var lies []Lie[T]
	for _, change := range changes(reflect.ValueOf(truth), "", known) {
		lies = append(lies, Lie[T]{change.path, change.value.Interface().(T)})
	}
	return lies
}

// change is a value instead of another one.
type change struct {
	path  string
	value reflect.Value
}

func changes(v reflect.Value, path string, known map[reflect.Type][]reflect.Value) []change {
	if others, ok := known[v.Type()]; ok {
		var list []change
		for _, other := range others {
			if !reflect.DeepEqual(other.Interface(), v.Interface()) {
				list = append(list, change{fmt.Sprintf("%s=%v", path, other), other})
			}
		}
		return list
	}
	if t, ok := v.Interface().(time.Time); ok {
		return []change{{path, reflect.ValueOf(t.Add(time.Hour))}, {path + " before", reflect.ValueOf(t.Add(-time.Hour))}}
	}
	switch v.Kind() {
	case reflect.Struct:
		return changesOfFields(v, path, known)
	case reflect.Slice, reflect.Array:
		return changesOfList(v, path, known)
	case reflect.Pointer:
		return changesOfPointer(v, path, known)
	}
	return []change{{path, changedPlain(v, path)}}
}

// changedPlain changes a value without parts.
func changedPlain(v reflect.Value, path string) reflect.Value {
	n := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Bool:
		n.SetBool(!v.Bool())
	case reflect.String:
		n.SetString(v.String() + "x")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n.SetInt(v.Int() + 1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n.SetUint(v.Uint() + 1)
	default:
		panic(fmt.Sprintf("fieldlies: %s is a %s: say what it may be instead", path, v.Type()))
	}
	return n
}

func changesOfFields(v reflect.Value, path string, known map[reflect.Type][]reflect.Value) (list []change) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			panic(fmt.Sprintf("fieldlies: %s has the hidden field %s: say what it may be instead", v.Type(), field.Name))
		}
		name := field.Name
		if path != "" {
			name = path + "." + name
		}
		for _, c := range changes(v.Field(i), name, known) {
			n := reflect.New(v.Type()).Elem()
			n.Set(v)
			n.Field(i).Set(c.value)
			list = append(list, change{c.path, n})
		}
	}
	return list
}

// changesOfList changes the first element, and drops the last one of a slice or adds one to
// an empty one.
func changesOfList(v reflect.Value, path string, known map[reflect.Type][]reflect.Value) (list []change) {
	if v.Len() == 0 {
		if v.Kind() == reflect.Array {
			return nil
		}
		return []change{{path + " added", reflect.Append(reflect.New(v.Type()).Elem(), reflect.Zero(v.Type().Elem()))}}
	}
	for _, c := range changes(v.Index(0), path+"[0]", known) {
		list = append(list, change{c.path, withFirst(v, c.value)})
	}
	if v.Kind() == reflect.Slice {
		list = append(list, change{path + " dropped", v.Slice(0, v.Len()-1)})
	}
	return list
}

// withFirst copies a list and changes its first element.
func withFirst(v, first reflect.Value) reflect.Value {
	n := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Slice {
		n.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
	}
	reflect.Copy(n, v)
	n.Index(0).Set(first)
	return n
}

func changesOfPointer(v reflect.Value, path string, known map[reflect.Type][]reflect.Value) []change {
	if v.IsNil() {
		return []change{{path + " added", reflect.New(v.Type().Elem())}}
	}
	list := []change{{path + " dropped", reflect.Zero(v.Type())}}
	for _, c := range changes(v.Elem(), path, known) {
		n := reflect.New(v.Type().Elem())
		n.Elem().Set(c.value)
		list = append(list, change{c.path, n})
	}
	return list
}
