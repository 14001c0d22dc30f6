package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// SniffBytes is how much of a file Sniff needs: the DICOM mark ends at byte 132.
const SniffBytes = 512

// noRecords is how a file can be sold in which no format finds records.
const noRecords = ": it has no records of its own; put it in a folder and describe it with `pdx data sidecar FOLDER`"

// marks are what files begin with that are no JSON, and their media types. The longer of
// two marks with a common beginning comes first.
var marks = []struct {
	at         int
	mark, kind string
	says       string
}{
	{0, "\xef\xbb\xbf", "", "begins with a byte order mark: save it as UTF-8 without one"},
	{0, "\xff\xfe\x00\x00", "", "is UTF-32, not UTF-8: convert it, for example with iconv -f UTF-32 -t UTF-8"},
	{0, "\x00\x00\xfe\xff", "", "is UTF-32, not UTF-8: convert it, for example with iconv -f UTF-32 -t UTF-8"},
	{0, "\xff\xfe", "", "is UTF-16, not UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8"},
	{0, "\xfe\xff", "", "is UTF-16, not UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8"},
	{0, "\x1f\x8b", "application/gzip", "is compressed with gzip: unpack it with gunzip"},
	{0, "\x28\xb5\x2f\xfd", "application/zstd", "is compressed with zstd: unpack it"},
	{0, "BZh", "application/x-bzip2", "is compressed with bzip2: unpack it"},
	{0, "\xfd7zXZ\x00", "application/x-xz", "is compressed with xz: unpack it"},
	{0, "PK\x03\x04", "application/zip", "is a ZIP archive (or an Office document): unpack it"},
	{0, "PK\x05\x06", "application/zip", "is an empty ZIP archive"},
	{0, "%PDF-", "application/pdf", "is a PDF document" + noRecords},
	{0, "PAR1", "application/vnd.apache.parquet", "is a Parquet file: give it a name that ends with .parquet"},
	{0, "\x89PNG", "image/png", "is a PNG image" + noRecords},
	{0, "\xff\xd8\xff", "image/jpeg", "is a JPEG image" + noRecords},
	{0, "GIF8", "image/gif", "is a GIF image" + noRecords},
	{0, "II*\x00", "image/tiff", "is a TIFF image" + noRecords},
	{0, "MM\x00*", "image/tiff", "is a TIFF image" + noRecords},
	{128, "DICM", "application/dicom", "is a DICOM file: give it a name that ends with .dcm"},
}

// Sniff says what a file is whose first bytes cannot begin JSON text, and what to do
// about it; "" when they can, or nothing better is known than that they are no JSON.
func Sniff(head []byte) string {
	for _, m := range marks {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.mark)) {
			return m.says
		}
	}
	return sniffBinary(head)
}

// Kind is the media type of any file by its first 512 bytes: that of a mark, else text/plain
// if these bytes are text in UTF-8, else application/octet-stream. docs/spec/formats.md has
// the table, for validators compare kinds.
func Kind(head []byte) string {
	for _, m := range marks {
		if m.kind != "" && len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.mark)) {
			return m.kind
		}
	}
	for len(head) > 0 {
		r, size := utf8.DecodeRune(head)
		cut := r == utf8.RuneError && size == 1 && !utf8.FullRune(head)
		if !cut && (r == utf8.RuneError && size == 1 || r < ' ' && !strings.ContainsRune("\t\n\f\r", r) || r == 0x7f) {
			return "application/octet-stream"
		}
		head = head[size:]
	}
	return "text/plain"
}

// Kinds lists what Kind may return.
func Kinds() []string { return kinds }

var kinds = func() []string {
	list := []string{"text/plain", "application/octet-stream"}
	for _, m := range marks {
		if m.kind != "" && !slices.Contains(list, m.kind) {
			list = append(list, m.kind)
		}
	}
	return list
}()

func sniffBinary(head []byte) string {
	switch first := bytes.IndexByte(head, 0); {
	case first == 1 && utf16Like(head[1:]), first == 0 && len(head) > 1 && head[1] != 0 && utf16Like(head):
		return "is UTF-16, not UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8"
	case first >= 0:
		return "is a binary file" + noRecords
	}
	return ""
}

// Sniffer is a format whose files may begin as those of no other.
type Sniffer interface {
	// Sniff is the function Sniff for files of the format.
	Sniff(head []byte) string
}

// SniffFor says what a file is whose first bytes cannot begin one of format f, and what to
// do about it.
func SniffFor(f Format, head []byte) string {
	if _, binary := f.(Binary); binary {
		return ""
	}
	if s, ok := f.(Sniffer); ok {
		return s.Sniff(head)
	}
	return Sniff(head)
}

// utf16Like reports whether every other byte, from the first on, is NUL.
func utf16Like(b []byte) bool {
	for i := 0; i < min(len(b), 16); i += 2 {
		if b[i] != 0 {
			return false
		}
	}
	return true
}

// SniffText says what a file of text is whose first line is not a JSON record, and
// what to do; "" when that is not known.
func SniffText(head []byte) string {
	line, _, more := bytes.Cut(bytes.TrimLeft(head, " \t\r\n"), []byte("\n"))
	line = bytes.TrimRight(line, " \t\r")
	switch {
	case len(line) == 0 || !more || json.Valid(line):
		return ""
	case line[0] == '{' || line[0] == '[':
		return "looks like one JSON document over several lines: add it as application/json, or write one record on each line"
	case bytes.Count(line, []byte(",")) > 0 || bytes.Count(line, []byte(";")) > 0 || bytes.Count(line, []byte("\t")) > 0:
		return "looks like a table (CSV): name it .csv or .tsv, or add it as text/csv"
	}
	return ""
}

// Head returns the first bytes of src, for Sniff: fewer if src ends before its size, which
// may be a bound.
func Head(src Source) ([]byte, error) {
	head := make([]byte, min(src.Size, SniffBytes))
	n, err := src.ReadAt(head, 0)
	if n < len(head) && err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the beginning: %w", err)
	}
	return head[:n], nil
}

// Ahead is Head, and a source of the same bytes whose beginning can be read again though src
// may be a stream.
func Ahead(src Source) ([]byte, Source, error) {
	head, err := Head(src)
	return head, Source{ahead{head, src}, src.Size}, err
}

type ahead struct {
	head []byte
	src  io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (a ahead) ReadAt(p []byte, off int64) (n int, err error) {
	if off < int64(len(a.head)) {
		n = copy(p, a.head[off:])
	}
	if n == len(p) {
		return n, nil
	}
	m, err := a.src.ReadAt(p[n:], off+int64(n))
	return n + m, err
}
