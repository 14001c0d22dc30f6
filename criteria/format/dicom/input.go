package dicom

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx/criteria/format"
)

// broken is the defect of a file.
func broken(why string, args ...any) *format.Defect {
	return &format.Defect{Rule: RuleDICOM, Reason: "the DICOM file is damaged or of a kind that is not known: " + fmt.Sprintf(why, args...)}
}

// input reads a file forward. What is passed over is not read.
type input struct {
	src  format.Source
	at   int64 // of the next byte
	held []byte
	from int64 // of the first byte held
}

// take returns the next n bytes, valid until the next call.
func (in *input) take(n, end int64) ([]byte, error) {
	if n > end-in.at {
		return nil, broken("a length of %d bytes where %d are left", n, end-in.at)
	}
	if in.at < in.from || in.at+n > in.from+int64(len(in.held)) {
		b := make([]byte, min(max(n, window), in.src.Size-in.at))
		got, err := in.src.ReadAt(b, in.at)
		if got < len(b) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF // the source is shorter than it said
			}
			return nil, err
		}
		in.held, in.from = b, in.at
	}
	b := in.held[in.at-in.from:][:n]
	in.at += n
	return b, nil
}

// pass goes n bytes on.
func (in *input) pass(n, end int64) error {
	if n > end-in.at {
		return broken("a length of %d bytes where %d are left", n, end-in.at)
	}
	in.at += n
	return nil
}

// number is the tag of an element: group and element.
type number uint32

// The tags that are not data.
const (
	tagMetaLength number = 0x0002_0000
	tagSyntax     number = 0x0002_0010
	tagCharset    number = 0x0008_0005
	tagPixels     number = 0x7fe0_0010
	tagItem       number = 0xfffe_e000
	tagItemEnd    number = 0xfffe_e00d
	tagEnd        number = 0xfffe_e0dd
)

// String writes a tag as the standard does.
func (t number) String() string { return fmt.Sprintf("(%04X,%04X)", uint32(t)>>16, uint32(t)&0xffff) }

func (t number) private() bool { return t>>16&1 == 1 }

func (t number) groupLength() bool { return t&0xffff == 0 }

// undefined is a length that is told by what comes.
const undefined = 0xffff_ffff

// head is what stands before a value.
type head struct {
	tag    number
	vr     string // empty where it is not written
	length uint32
}

// longForm are the representations whose length has 4 bytes behind 2 that are reserved.
var longForm = map[string]bool{
	"OB": true, "OD": true, "OF": true, "OL": true, "OV": true, "OW": true, "SQ": true, "SV": true, "UC": true, "UN": true, "UR": true,
	"UT": true, "UV": true,
}

// next reads the head of the next element.
func (in *input) next(explicit bool, end int64) (h head, err error) {
	b, err := in.take(8, end)
	if err != nil {
		return h, err
	}
	h.tag = number(binary.LittleEndian.Uint16(b))<<16 | number(binary.LittleEndian.Uint16(b[2:]))
	if !explicit || h.tag>>16 == 0xfffe {
		h.length = binary.LittleEndian.Uint32(b[4:])
		return h, h.check()
	}
	if h.vr = string(b[4:6]); b[4] < 'A' || b[4] > 'Z' || b[5] < 'A' || b[5] > 'Z' {
		return h, broken("%v has no value representation", h.tag)
	}
	if !longForm[h.vr] {
		h.length = uint32(binary.LittleEndian.Uint16(b[6:]))
		return h, h.check()
	}
	if b, err = in.take(4, end); err != nil {
		return h, err
	}
	h.length = binary.LittleEndian.Uint32(b)
	return h, h.check()
}

func (h head) check() error {
	if h.length != undefined && h.length%2 == 1 {
		return broken("%v has an odd length", h.tag)
	}
	return nil
}
