package sidecar_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/format/sidecar"
	stream "github.com/medibloc/pdx/exchange/folder"
)

func digest(text string) string {
	sum := blake3.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// record describes a file.
func record(path, text, more string) string {
	return fmt.Sprintf(`{"path":%q,"size":%d,"blake3":"%s"%s}`, path, len(text), digest(text), more)
}

const pdf, png = "%PDF-1.7 letter", "\x89PNG\r\n\x1a\n image"

// files are of which one is before the description and one behind it in the stream.
func files(t testing.TB) formattest.Case {
	one := record("a/letter.pdf", pdf, `,"type":"application/pdf","id":1,"secret":"x"`)
	two := record("scan.png", png, `,"id":2,"secret":"y"`)
	with := func(description string, more ...string) string {
		return formattest.FolderOf(t, append([]string{"a/letter.pdf", pdf, "scan.png", png, sidecar.Name, description}, more...)...)
	}
	spoiled := func(rule string, record uint64, lines ...string) formattest.Spoiled {
		return formattest.Spoiled{Data: with(strings.Join(lines, "\n")), Rule: rule, Record: record}
	}
	good := with(one + "\n" + two + "\n")
	head := func(size int) string {
		m, err := stream.New([]stream.File{{Path: sidecar.Name, Size: uint64(size)}})
		require.NoError(t, err)
		return string(m.Bytes())
	}
	return formattest.Case{
		Format: sidecar.Format{}, Good: good, Records: []string{one, two},
		Empty: formattest.FolderOf(t, sidecar.Name, ""),
		Spoiled: map[string]formattest.Spoiled{
			"nothing":            {Data: "", Rule: folder.RuleFolder},
			"cut off":            {Data: good[:len(good)-3], Rule: folder.RuleFolder},
			"no description":     {Data: formattest.FolderOf(t, "a.pdf", "SECRET"), Rule: sidecar.RuleNone},
			"a description else": {Data: formattest.FolderOf(t, "a/files.ndjson", "SECRET"), Rule: sidecar.RuleNone},
			"no such file":       spoiled(sidecar.RuleMissing, 2, one, record("gone.png", png, `,"x":"SECRET"`)),
			"itself":             spoiled(sidecar.RuleMissing, 1, record(sidecar.Name, "", "")),
			"twice":              spoiled(sidecar.RuleTwice, 2, one, one, two),
			"another size":       spoiled(sidecar.RuleSize, 1, record("scan.png", png+"x", "")),
			"no path":            spoiled(sidecar.RuleEntry, 1, `{"size":1,"blake3":"`+digest("")+`"}`),
			"no size":            spoiled(sidecar.RuleEntry, 1, strings.Replace(one, `"size"`, `"SECRET"`, 1)),
			"a size in quotes":   spoiled(sidecar.RuleEntry, 1, strings.Replace(one, `:15,`, `:"15",`, 1)),
			"a size of 15.0":     spoiled(sidecar.RuleEntry, 1, strings.Replace(one, `:15,`, `:15.0,`, 1)),
			"a size of {}":       spoiled(sidecar.RuleEntry, 1, strings.Replace(one, `:15,`, `:{"a":[1]},`, 1)),
			"a path of []":       spoiled(sidecar.RuleEntry, 1, strings.Replace(one, `"a/letter.pdf"`, `[[],1]`, 1)),
			"half a digest":      spoiled(sidecar.RuleEntry, 1, strings.Replace(one, digest(pdf), digest(pdf)[:32], 1)),
			"no such type":       spoiled(sidecar.RuleKind, 1, strings.Replace(one, "application/pdf", "application/x-pdf", 1)),
			"another type":       spoiled(sidecar.RuleKind, 0, strings.Replace(one, "application/pdf", "image/png", 1), two),
			"another digest":     spoiled(sidecar.RuleDigest, 0, one, strings.Replace(two, digest(png), digest("SECRET"), 1)),
			"one not listed":     spoiled(sidecar.RuleExtra, 0, two),
			"an empty list":      spoiled(sidecar.RuleExtra, 0, ""),
			"a blank line":       spoiled(ndjson.RuleBlank, 2, one, "", two),
		},
		// What is no object is for the criteria to refuse.
		Many: func(n int) format.Source { return formattest.Repeat(head(2*n), "1\n", "", n) },
		Long: func(n int) format.Source { return formattest.Repeat(head(n+9)+`{"id":"`, "x", `"}`, n) },
	}
}

func TestFiles(t *testing.T) { formattest.Run(t, files(t)) }

func FuzzFiles(f *testing.F) { formattest.Fuzz(f, files(f)) }

// Many files that nobody listed are counted in bounded memory, each of them.
func TestManyExtraFiles(t *testing.T) {
	var all []string
	for i := range 3000 {
		all = append(all, fmt.Sprintf("f%d", i), "x")
	}
	data := formattest.FolderOf(t, append(all, sidecar.Name, record("f7", "x", ""))...)
	r := sidecar.Format{}.Read(formattest.Source(data), format.Options{MaxRecord: 1000})
	_, err := r.Next()
	require.NoError(t, err)
	for range 2999 {
		_, err := r.Next()
		defect := &format.Defect{}
		require.ErrorAs(t, err, &defect)
		require.Equal(t, sidecar.RuleExtra, defect.Rule)
	}
	_, err = r.Next()
	require.EqualError(t, err, "EOF")
}

// An owner is told which file differs, and how.
func TestCompare(t *testing.T) {
	list := []stream.File{
		{Path: "a/letter.pdf", Size: uint64(len(pdf))}, {Path: sidecar.Name, Size: 1}, {Path: "scan.png", Size: uint64(len(png))},
	}
	digests := [][32]byte{blake3.Sum256([]byte(pdf)), {}, blake3.Sum256([]byte(png))}
	one, two := record("a/letter.pdf", pdf, `,"type":"application/pdf"`), record("scan.png", png, "")
	compare := func(lines ...string) error {
		return sidecar.Format{}.Compare(formattest.Source(strings.Join(lines, "\n")), list, digests)
	}
	require.NoError(t, compare(one, "", two))
	for says, lines := range map[string][]string{
		`line 2: "gone.png" is listed`:    {one, record("gone.png", png, ""), two},
		`"scan.png" is in the folder`:     {one},
		`"scan.png" is another file`:      {one, strings.Replace(two, digest(png), digest(pdf), 1)},
		`line 2: "a/letter.pdf" is liste`: {one, one},
		`line 1: "a/letter.pdf" has 15`:   {strings.Replace(one, ":15,", ":16,", 1)},
	} {
		err := compare(lines...)
		require.ErrorIs(t, err, pdx.ErrInvalid)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "`pdx data sidecar` writes anew")
	}
}
