package criteria

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

const twoGood = `{"id":"a","height":1.7}` + "\n" + `{"id":"b","height":1.7}`

func TestCheckFolder(t *testing.T) {
	doc := exampleWith(t, "media_type", `"application/vnd.pdx.folder"`)
	good := formattest.FolderOf(t, "a.ndjson", twoGood, "sub/b.JSON", `[{"id":"c","height":1}]`, "sub/none.jsonl", "")
	report := check(t, newExample(t, doc), good)
	require.True(t, report.OK(), "%v", report.Findings)
	require.EqualValues(t, 3, report.Records)
	require.EqualValues(t, len(good), report.Bytes)

	for name, c := range map[string]struct {
		data string
		want string
	}{
		"no folder":       {twoGood, "0  folder;0  records/min"},
		"nothing":         {"", "0  folder;0  records/min"},
		"cut":             {good[:len(good)-1], "0  folder"},
		"more behind":     {good + "x", "0  folder"},
		"an image":        {formattest.FolderOf(t, "a.ndjson", twoGood, "scan.png", "\x89PNG"), "0  file-type"},
		"no ending":       {formattest.FolderOf(t, "a.ndjson", twoGood, "json", "{}"), "0  file-type"},
		"numbered on":     {formattest.FolderOf(t, "a.ndjson", twoGood, "b.ndjson", `{"id":"c","height":17.5}`), "3 /height schema/maximum"},
		"keys over files": {formattest.FolderOf(t, "a.ndjson", twoGood, "b.ndjson", `{"id":"a","height":1.7}`), "3  unique/0"},
		"counts are sums": {formattest.FolderOf(t, "a.ndjson", twoGood, "b.ndjson", twoGood), "3  unique/0;0  records/max"},
		"few":             {formattest.FolderOf(t, "a.ndjson", `{"id":"a","height":1.7}`), "0  records/min"},
		"half an array":   {formattest.FolderOf(t, "a.json", `[{"id":"c","height":1}`, "b.ndjson", twoGood), "0  json"},
		"goes on behind": {
			formattest.FolderOf(t, "a.json", `[] SECRET`, "b.ndjson", twoGood, "c.ndjson", `{"id":"c","height":17.5}`),
			"0  json;3 /height schema/maximum",
		},
		"empty array":    {formattest.FolderOf(t, "a.json", ``, "b.ndjson", twoGood), "0  json"},
		"blank line":     {formattest.FolderOf(t, "a.ndjson", twoGood+"\n\n"), "3  blank-line"},
		"too many bytes": {formattest.FolderOf(t, "a.ndjson", twoGood+strings.Repeat(" ", 1000)), "0  bytes/max;0  records/min"},
	} {
		t.Run(name, func(t *testing.T) {
			report := check(t, newExample(t, doc), c.data)
			require.Equal(t, c.want, brief(report))
			require.Equal(t, pdx.RejectCriteria, report.Reason)
		})
	}

	lines := check(t, newExample(t, []byte(example)), good)
	require.False(t, lines.OK(), "who asks for lines gets no folder")
}

// An error of the reader is none of the folder.
func TestCheckFolderReader(t *testing.T) {
	doc := exampleWith(t, "media_type", `"application/vnd.pdx.folder"`)
	good := formattest.FolderOf(t, "a.ndjson", twoGood)
	for n := range len(good) {
		broken := io.MultiReader(strings.NewReader(good[:n]), outage{})
		_, err := newExample(t, doc).Check(t.Context(), format.Stream(broken, int64(len(good))), nil)
		require.ErrorIs(t, err, pdx.ErrUnavailable, n)
	}
}

type outage struct{}

func (outage) Read([]byte) (int, error) { return 0, pdx.ErrUnavailable }
