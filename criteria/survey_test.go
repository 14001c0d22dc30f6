package criteria_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/ndjson"
)

// What a file is instead of records is named, with what to do.
func TestSurveyNamesWhatAFileIs(t *testing.T) {
	for data, says := range map[string]string{
		"\xef\xbb\xbf{\"id\":1}\n": "byte order mark",
		"\xff\xfe{\x00}\x00":       "UTF-16",
		"\x1f\x8b\x08\x00":         "gzip data is cut off",
		"{\n  \"id\": 1\n}\n":      "several lines",
		"id,name\n1,Ada\n":         "CSV",
	} {
		src := format.Source{ReaderAt: strings.NewReader(data), Size: int64(len(data))}
		_, err := criteria.Survey(t.Context(), src, ndjson.Format{})
		require.ErrorIs(t, err, criteria.ErrData, "%q", data)
		require.ErrorContains(t, err, says)
	}
	_, err := criteria.Parse([]byte("\xef\xbb\xbf{}"))
	require.ErrorIs(t, err, criteria.ErrDocument)
	require.ErrorContains(t, err, "byte order mark")
}
