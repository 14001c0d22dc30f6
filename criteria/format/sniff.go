package format

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// SniffBytes is how much of a file Sniff needs: the DICOM mark ends at byte 132.
const SniffBytes = 512

// marks are what files begin with that are no JSON. The longer of two marks with a
// common beginning comes first.
var marks = []struct {
	at   int
	mark string
	says string
}{
	{0, "\xef\xbb\xbf", "begins with a byte order mark: save it as UTF-8 without one"},
	{0, "\xff\xfe\x00\x00", "is UTF-32, not UTF-8: convert it, for example with iconv -f UTF-32 -t UTF-8"},
	{0, "\x00\x00\xfe\xff", "is UTF-32, not UTF-8: convert it, for example with iconv -f UTF-32 -t UTF-8"},
	{0, "\xff\xfe", "is UTF-16, not UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8"},
	{0, "\xfe\xff", "is UTF-16, not UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8"},
	{0, "\x1f\x8b", "is compressed with gzip: unpack it with gunzip"},
	{0, "\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it"},
	{0, "BZh", "is compressed with bzip2: unpack it"},
	{0, "\xfd7zXZ\x00", "is compressed with xz: unpack it"},
	{0, "PK\x03\x04", "is a ZIP archive (or an Office document): unpack it"},
	{0, "PK\x05\x06", "is an empty ZIP archive"},
	{0, "%PDF-", "is a PDF document: only JSON records can be sold"},
	{0, "PAR1", "is a Parquet file: give it a name that ends with .parquet"},
	{0, "\x89PNG", "is a PNG image: only JSON records can be sold"},
	{0, "\xff\xd8\xff", "is a JPEG image: only JSON records can be sold"},
	{0, "GIF8", "is a GIF image: only JSON records can be sold"},
	{128, "DICM", "is a DICOM file: give it a name that ends with .dcm"},
}

// Sniff says what a file is whose first bytes cannot begin JSON text, and what to do
// about it; "" when they can, or nothing better is known than that they are no JSON.
func Sniff(head []byte) string {
	for _, m := range marks {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.mark)) {
			return m.says
		}
	}
	switch first := bytes.IndexByte(head, 0); {
	case first == 1 && utf16Like(head[1:]), first == 0 && len(head) > 1 && head[1] != 0 && utf16Like(head):
		return "is UTF-16, not UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8"
	case first >= 0:
		return "is a binary file: only JSON records can be sold"
	}
	return ""
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
		return "looks like a table (CSV): convert it to NDJSON, one object on each line"
	}
	return ""
}

// Head returns the first bytes of src, for Sniff.
func Head(src Source) ([]byte, error) {
	head := make([]byte, min(src.Size, SniffBytes))
	n, err := src.ReadAt(head, 0)
	if n == len(head) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the beginning: %w", err)
	}
	return head, nil
}
