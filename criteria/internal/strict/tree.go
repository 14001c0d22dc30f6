package strict

import (
	"bytes"
	"iter"
)

// Tree is one JSON text that has been read, with the position of every value in
// it. It takes 8 bytes for each value and each name and shares the bytes that it
// was parsed from, which must not change while it is in use. An array of digits
// takes the most memory of all texts: 4 times its size.
type Tree struct {
	data  []byte
	nodes []node
}

// node is the position of a value or a name: where it starts and, for a scalar
// or a name, where it ends. An object or array has the number of the node that
// follows all of its own instead.
type node struct{ start, end uint32 }

// Root is the value that the text is.
func (t *Tree) Root() Value { return Value{t, 0} }

// Value is one value, or one name, of a Tree.
type Value struct {
	t *Tree
	i uint32
}

// Kind is the first byte of the value: '{', '[', '"', 't', 'f', 'n', or what a
// number begins with.
func (v Value) Kind() byte { return v.t.data[v.t.nodes[v.i].start] }

// Raw is the text of a scalar or a name, with its quotes.
func (v Value) Raw() []byte {
	n := v.t.nodes[v.i]
	return v.t.data[n.start:n.end:n.end]
}

// Start is the offset of the value's first byte in the text.
func (v Value) Start() int { return int(v.t.nodes[v.i].start) }

// Text is what a string or a name means. It shares the tree's bytes unless there
// is an escape in it.
func (v Value) Text() []byte { return Meaning(v.Raw()) }

// Meaning is what a string token means, as Value.Text has it.
func Meaning(raw []byte) []byte {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	return []byte(Text(raw))
}

// Elements are the elements of an array.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		end, n := v.t.nodes[v.i].end, 0
		for i := v.i + 1; i < end; n++ {
			element := Value{v.t, i}
			if !yield(n, element) {
				return
			}
			i = element.after()
		}
	}
}

// Members are the names and values of an object, in the order of the text.
func (v Value) Members() iter.Seq2[Value, Value] {
	return func(yield func(name, value Value) bool) {
		end := v.t.nodes[v.i].end
		for i := v.i + 1; i < end; {
			member := Value{v.t, i + 1}
			if !yield(Value{v.t, i}, member) {
				return
			}
			i = member.after()
		}
	}
}

// Member is the value of a member of an object. It takes time linear in their
// number.
func (v Value) Member(name string) (Value, bool) {
	for n, value := range v.Members() {
		if string(n.Text()) == name {
			return value, true
		}
	}
	return Value{}, false
}

// Len is the number of elements of an array, or of members of an object. It
// takes time linear in that.
func (v Value) Len() int {
	n, names := 0, uint32(0)
	if v.Kind() == '{' {
		names = 1
	}
	for i := v.i + 1; i < v.t.nodes[v.i].end; n++ {
		i = Value{v.t, i + names}.after()
	}
	return n
}

// after is the number of the node behind v and all that is in it.
func (v Value) after() uint32 {
	if k := v.Kind(); k == '{' || k == '[' {
		return v.t.nodes[v.i].end
	}
	return v.i + 1
}

// Number tells the values and names of a Tree apart.
func (v Value) Number() uint32 { return v.i }

// Numbered is the value or name of the same Tree with a number.
func (v Value) Numbered(i uint32) Value { return Value{v.t, i} }

// Values is how many values v is, itself and names not counted apart: an object
// of two members that are numbers is three.
func (v Value) Values() int {
	n := 1
	switch v.Kind() {
	case '{':
		for _, member := range v.Members() {
			n += member.Values()
		}
	case '[':
		for _, element := range v.Elements() {
			n += element.Values()
		}
	}
	return n
}
