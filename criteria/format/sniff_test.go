package format_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
)

func TestSniff(t *testing.T) {
	for head, says := range map[string]string{
		"\xef\xbb\xbf{}":                     "byte order mark",
		"\xff\xfe{\x00}\x00":                 "UTF-16",
		"\xfe\xff\x00{\x00}":                 "UTF-16",
		"{\x00\"\x00a\x00\"\x00":             "UTF-16",
		"\x00{\x00\"\x00a":                   "UTF-16",
		"\xff\xfe\x00\x00{\x00\x00\x00":      "UTF-32",
		"\x1f\x8b\x08":                       "gzip",
		"PK\x03\x04":                         "ZIP",
		"%PDF-1.7":                           "PDF",
		"PAR1":                               "Parquet",
		"\x89PNG\r\n":                        "PNG",
		"\xff\xd8\xff\xe0":                   "JPEG",
		strings.Repeat("\x00", 128) + "DICM": "DICOM",
		strings.Repeat("\x00", 512):          "binary",
		"{\"a\":\"\x00\"}":                   "binary",
	} {
		require.Contains(t, format.Sniff([]byte(head)), says, "%q", head)
	}
	for _, head := range []string{"", "{", `{"id":1}`, " \n[", "null", "id,name"} {
		require.Empty(t, format.Sniff([]byte(head)), "%q", head)
	}
	require.Contains(t, format.SniffText([]byte("{\n  \"id\": 1\n}\n")), "several lines")
	require.Contains(t, format.SniffText([]byte("[\n  {}\n]\n")), "several lines")
	require.Contains(t, format.SniffText([]byte("id,name\n1,Ada\n")), "CSV")
	require.Contains(t, format.SniffText([]byte("id;name\n1;Ada\n")), "CSV")
	require.Empty(t, format.SniffText([]byte("{}\n{}\n")))
	require.Empty(t, format.SniffText([]byte("hello\n")))
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("{\x00"))
	f.Add([]byte("a,b\n"))
	f.Fuzz(func(_ *testing.T, head []byte) { _ = format.Sniff(head) + format.SniffText(head) })
}
