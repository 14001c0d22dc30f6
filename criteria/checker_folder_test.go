package criteria

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/folder"
)

type text struct{ *strings.Reader }

func (text) Close() error { return nil }

// folderOf is the stream of files, given by path and text.
func folderOf(t testing.TB, files ...string) string {
	t.Helper()
	var list []folder.File
	texts := map[string]string{}
	for i := 0; i < len(files); i += 2 {
		list = append(list, folder.File{Path: files[i], Size: uint64(len(files[i+1]))})
		texts[files[i]] = files[i+1]
	}
	m, err := folder.New(list)
	require.NoError(t, err)
	j := m.Join(func(f folder.File) (folder.Source, error) { return text{strings.NewReader(texts[f.Path])}, nil })
	b, err := io.ReadAll(io.NewSectionReader(j, 0, int64(j.Size())))
	require.NoError(t, err)
	return string(b)
}

const twoGood = `{"id":"a","height":1.7}` + "\n" + `{"id":"b","height":1.7}`

func TestCheckFolder(t *testing.T) {
	doc := exampleWith(t, "media_type", `"application/vnd.pdx.folder"`)
	good := folderOf(t, "a.ndjson", twoGood, "sub/b.JSON", `[{"id":"c","height":1}]`, "sub/none.jsonl", "")
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
		"an image":        {folderOf(t, "a.ndjson", twoGood, "scan.png", "\x89PNG"), "0  file-type"},
		"no ending":       {folderOf(t, "a.ndjson", twoGood, "json", "{}"), "0  file-type"},
		"numbered on":     {folderOf(t, "a.ndjson", twoGood, "b.ndjson", `{"id":"c","height":17.5}`), "3 /height schema/maximum"},
		"keys over files": {folderOf(t, "a.ndjson", twoGood, "b.ndjson", `{"id":"a","height":1.7}`), "3  unique/0"},
		"counts are sums": {folderOf(t, "a.ndjson", twoGood, "b.ndjson", twoGood), "3  unique/0;0  records/max"},
		"few":             {folderOf(t, "a.ndjson", `{"id":"a","height":1.7}`), "0  records/min"},
		"half an array":   {folderOf(t, "a.json", `[{"id":"c","height":1}`, "b.ndjson", twoGood), "0  json"},
		"goes on behind":  {folderOf(t, "a.json", `[] SECRET`, "b.ndjson", twoGood, "c.ndjson", `{"id":"c","height":17.5}`), "0  json;3 /height schema/maximum"},
		"empty array":     {folderOf(t, "a.json", ``, "b.ndjson", twoGood), "0  json"},
		"blank line":      {folderOf(t, "a.ndjson", twoGood+"\n\n"), "3  blank-line"},
		"too many bytes":  {folderOf(t, "a.ndjson", twoGood+strings.Repeat(" ", 1000)), "0  bytes/max;0  records/min"},
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
	good := folderOf(t, "a.ndjson", twoGood)
	for n := range len(good) {
		broken := io.MultiReader(strings.NewReader(good[:n]), outage{})
		_, err := newExample(t, doc).Check(t.Context(), broken, nil)
		require.ErrorIs(t, err, pdx.ErrUnavailable, n)
	}
}

type outage struct{}

func (outage) Read([]byte) (int, error) { return 0, pdx.ErrUnavailable }
