package dicom

import (
	"encoding/binary"
)

// implementation is the UID of what wrote a projection: that of a UUID, which needs no
// registration (PS3.5, B.2).
const implementation = "2.25.103184027619458372651904738265910473625"

// encode writes a file of elements, with explicit representations and lengths. Group 2 has
// what a reader needs, and none of the identifiers that the original had there.
func (f *file) encode(elements []element) []byte {
	meta := appendElement(nil, element{tag: 0x0002_0001, vr: "OB", value: []byte{0, 1}})
	meta = appendElement(meta, element{tag: tagSyntax, vr: "UI", value: padded(explicitSyntax)})
	meta = appendElement(meta, element{tag: 0x0002_0012, vr: "UI", value: padded(implementation)})
	out := append(make([]byte, 128), "DICM"...)
	out = appendElement(out, element{tag: tagMetaLength, vr: "UL", value: binary.LittleEndian.AppendUint32(nil, uint32(len(meta)))})
	out = append(out, meta...)
	if f.charset != "" && !isASCII(elements) {
		elements = withCharset(elements, f.charset)
	}
	for _, e := range elements {
		out = appendElement(out, e)
	}
	return out
}

// padded has an even number of bytes.
func padded(uid string) []byte {
	b := []byte(uid)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// withCharset puts the character set in its position.
func withCharset(elements []element, charset string) []element {
	set := []byte(charset)
	if len(set)%2 == 1 {
		set = append(set, ' ')
	}
	i := 0
	for i < len(elements) && elements[i].tag < tagCharset {
		i++
	}
	all := append([]element{}, elements[:i]...)
	all = append(all, element{tag: tagCharset, vr: "CS", value: set})
	return append(all, elements[i:]...)
}

// isASCII reports whether all text reads the same in any character set.
func isASCII(elements []element) bool {
	for _, e := range elements {
		for _, item := range e.items {
			if !isASCII(item) {
				return false
			}
		}
		for _, b := range e.value {
			if inCharset[e.vr] && (b >= 0x80 || b == 0x1b) {
				return false
			}
		}
	}
	return true
}

func appendElement(b []byte, e element) []byte {
	value := e.value
	if e.vr == "SQ" {
		for _, item := range e.items {
			var inner []byte
			for _, child := range item {
				inner = appendElement(inner, child)
			}
			value = appendTag(value, tagItem)
			value = binary.LittleEndian.AppendUint32(value, uint32(len(inner)))
			value = append(value, inner...)
		}
	}
	b = append(appendTag(b, e.tag), e.vr...)
	if longForm[e.vr] {
		b = append(b, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	}
	return append(b, value...)
}

func appendTag(b []byte, t number) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(t>>16))
	return binary.LittleEndian.AppendUint16(b, uint16(t&0xffff))
}
