package folder_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/json"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	stream "github.com/medibloc/pdx/exchange/folder"
)

func newFormat(t testing.TB) folder.Format {
	t.Helper()
	files, err := format.New(ndjson.Format{}, json.Format{})
	require.NoError(t, err)
	return folder.New(files)
}

// headOf is the manifest of a folder of one file.
func headOf(t testing.TB, path string, size int64) string {
	t.Helper()
	m, err := stream.New([]stream.File{{Path: path, Size: uint64(size)}})
	require.NoError(t, err)
	return string(m.Bytes())
}

func files(t testing.TB) formattest.Case {
	const one, two, three = `{"id":1,"secret":"x"}`, `{"id":2,"secret":"y"}`, `{"id":3,"secret":"z"}`
	good := formattest.FolderOf(t, "a/b.ndjson", one+"\n"+two+"\n", "c.json", "["+three+"]", "d.jsonl", "")
	damaged := func(data string) formattest.Spoiled {
		return formattest.Spoiled{Data: data, Rule: folder.RuleFolder}
	}
	return formattest.Case{
		Format: newFormat(t), Good: good, Records: []string{one, two, three},
		Empty: formattest.FolderOf(t, "a.ndjson", "", "b.json", "[]"),
		Spoiled: map[string]formattest.Spoiled{
			"nothing":         damaged(""),
			"no folder":       damaged(one),
			"cut off":         damaged(good[:len(good)-3]),
			"more behind":     damaged(good + "SECRET"),
			"an unknown file": {Data: formattest.FolderOf(t, "scan.png", "SECRET", "x.ndjson", one), Rule: folder.RuleFileType},
			"a spoiled file":  {Data: formattest.FolderOf(t, "a.ndjson", one, "b.json", `[{"id":"SECRET`), Rule: format.RuleSyntax},
			"a blank line":    {Data: formattest.FolderOf(t, "a.ndjson", one+"\n", "b.ndjson", two+"\n\n"), Rule: ndjson.RuleBlank, Record: 3},
		},
		Many: func(n int) format.Source {
			const line = `{"id":1}` + "\n"
			return formattest.Repeat(headOf(t, "many.ndjson", int64(n*len(line))), line, "", n)
		},
		Long: func(n int) format.Source {
			return formattest.Repeat(headOf(t, "long.json", int64(n)+9)+`{"id":"`, "x", `"}`, n)
		},
	}
}

func TestFolder(t *testing.T) { formattest.Run(t, files(t)) }

func FuzzFolder(f *testing.F) { formattest.Fuzz(f, files(f)) }

func TestFilesOfAFolder(t *testing.T) {
	f := newFormat(t)
	for path, want := range map[string]string{"a.ndjson": ndjson.MediaType, "B/C.JSONL": ndjson.MediaType, "x.y.json": json.MediaType} {
		file, err := f.File(path)
		require.NoError(t, err)
		require.Equal(t, want, file.MediaType())
	}
	for _, path := range []string{"scan.png", "json", "a.json/b", "a.ndjson.gz"} {
		_, err := f.File(path)
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, ".ndjson, .jsonl or .json", "what is known")
	}
}

// The rest of a file that is not read is passed over, so that a folder that ends
// there is seen to be none.
func TestRestOfAFileIsPassed(t *testing.T) {
	whole := formattest.FolderOf(t, "a.json", "[1] x"+strings.Repeat(" ", 200_000), "b.png", "x", "c.ndjson", "{}")
	rules := func(data string) (rules []string) {
		r := newFormat(t).Read(formattest.Source(data), format.Options{MaxRecord: 100})
		for {
			_, err := r.Next()
			var defect *format.Defect
			if errors.Is(err, io.EOF) {
				return rules
			}
			if err != nil {
				require.ErrorAs(t, err, &defect)
				rules = append(rules, defect.Rule)
			}
		}
	}
	require.Equal(t, []string{format.RuleSyntax, folder.RuleFileType}, rules(whole))
	require.Equal(t, []string{format.RuleSyntax, folder.RuleFolder}, rules(whole[:len(whole)-10]))
}
