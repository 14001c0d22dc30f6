// Package thrift reads the compact encoding of Thrift, in which the metadata of Parquet
// files is written, without making anything of what a length claims: a library that does
// is given only what this package has walked through.
package thrift

import (
	"errors"
)

// The types of fields and elements.
const (
	True   = 1
	False  = 2
	Byte   = 3
	I16    = 4
	I32    = 5
	I64    = 6
	Double = 7
	Binary = 8
	List   = 9
	Set    = 10
	Map    = 11
	Struct = 12
)

const (
	// maxDepth bounds nesting; the metadata of a file needs 8.
	maxDepth = 16
	// maxElements bounds the structures in all lists: a library makes some hundred bytes of
	// each, whatever it has in the file.
	maxElements = 200_000
)

// ErrShort: the bytes end within a value. More of them may help.
var ErrShort = errors.New("it ends too early")

var (
	errType  = errors.New("a type that does not exist")
	errDepth = errors.New("nested too deep")
	errMany  = errors.New("too many elements")
	errInt   = errors.New("a number that is too large")
)

// Reader reads values one after the other.
type Reader struct {
	b        []byte
	at       int
	depth    int
	elements int
}

// NewReader returns a reader of b.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// At is how many bytes were read.
func (r *Reader) At() int { return r.at }

// Fields reads a structure and calls field with the number and the type of each of its
// fields. What field does not read, and says so, is passed over.
func (r *Reader) Fields(field func(id int64, kind byte) (read bool, err error)) error {
	if r.depth++; r.depth > maxDepth {
		return errDepth
	}
	defer func() { r.depth-- }()
	for id := int64(0); ; {
		head, err := r.byte()
		if err != nil || head == 0 {
			return err
		}
		if delta := int64(head >> 4); delta != 0 {
			id += delta
		} else if id, err = r.Int(); err != nil {
			return err
		}
		kind, read := head&15, false
		if field != nil {
			if read, err = field(id, kind); err != nil {
				return err
			}
		}
		if read {
			continue
		}
		if err := r.skip(kind, false); err != nil {
			return err
		}
	}
}

// Int reads a number of any size but a byte.
func (r *Reader) Int() (int64, error) {
	n, err := r.uint()
	return int64(n>>1) ^ -int64(n&1), err
}

func (r *Reader) uint() (n uint64, err error) {
	for shift := 0; shift < 64; shift += 7 {
		b, err := r.byte()
		if err != nil {
			return 0, err
		}
		if n |= uint64(b&0x7f) << shift; b < 0x80 {
			return n, nil
		}
	}
	return 0, errInt
}

func (r *Reader) byte() (byte, error) {
	if r.at >= len(r.b) {
		return 0, ErrShort
	}
	r.at++
	return r.b[r.at-1], nil
}

func (r *Reader) pass(n uint64) error {
	if n > uint64(len(r.b)-r.at) {
		return ErrShort
	}
	r.at += int(n)
	return nil
}

// skip passes over a value. In a list a truth value has a byte, elsewhere it is its type.
func (r *Reader) skip(kind byte, element bool) error {
	switch kind {
	case True, False:
		if element {
			return r.pass(1)
		}
		return nil
	case Byte:
		return r.pass(1)
	case I16, I32, I64:
		_, err := r.uint()
		return err
	case Double:
		return r.pass(8)
	case Binary:
		n, err := r.uint()
		if err != nil {
			return err
		}
		return r.pass(n)
	case List, Set:
		return r.list()
	case Map:
		return r.table()
	case Struct:
		return r.Fields(nil)
	}
	return errType
}

func (r *Reader) list() error {
	head, err := r.byte()
	if err != nil {
		return err
	}
	n, kind := uint64(head>>4), head&15
	if n == 15 {
		if n, err = r.uint(); err != nil {
			return err
		}
	}
	return r.each(n, kind)
}

func (r *Reader) table() error {
	n, err := r.uint()
	if err != nil || n == 0 {
		return err
	}
	kinds, err := r.byte()
	if err != nil {
		return err
	}
	return r.each(n, kinds>>4, kinds&15)
}

// each passes over n elements, or pairs of them. Each has a byte at the least.
func (r *Reader) each(n uint64, kinds ...byte) error {
	if n > uint64(len(r.b)-r.at) {
		return ErrShort
	}
	if r.elements += int(n); r.elements > maxElements {
		return errMany
	}
	if r.depth++; r.depth > maxDepth {
		return errDepth
	}
	defer func() { r.depth-- }()
	for range n {
		for _, kind := range kinds {
			if err := r.skip(kind, true); err != nil {
				return err
			}
		}
	}
	return nil
}
