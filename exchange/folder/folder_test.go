package folder_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/folder"
)

// disk is what lies in a folder, and how many of its files are open.
type disk struct {
	files map[string]string
	open  atomic.Int32
	most  atomic.Int32
}

type handle struct {
	*strings.Reader
	of *disk
}

func (h handle) Close() error { h.of.open.Add(-1); return nil }

func (d *disk) source(f folder.File) (folder.Source, error) {
	text, ok := d.files[f.Path]
	if !ok {
		return nil, pdx.ErrNotFound
	}
	if n := d.open.Add(1); n > d.most.Load() {
		d.most.Store(n)
	}
	return handle{strings.NewReader(text), d}, nil
}

func (d *disk) manifest(t require.TestingT) *folder.Manifest {
	var list []folder.File
	for path, text := range d.files {
		list = append(list, folder.File{Path: path, Size: uint64(len(text))})
	}
	m, err := folder.New(list)
	require.NoError(t, err)
	return m
}

func (d *disk) stream(t require.TestingT) []byte {
	j := d.manifest(t).Join(d.source)
	defer j.Close()
	b, err := io.ReadAll(io.NewSectionReader(j, 0, int64(j.Size())))
	require.NoError(t, err)
	return b
}

// read returns what a stream holds.
func read(r io.Reader) (map[string]string, error) {
	in, err := folder.NewReader(r)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for {
		f, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		files[f.Path] = string(text)
	}
}

// TestVector holds the bytes of a small folder, which other implementations make
// as well.
func TestVector(t *testing.T) {
	var v struct {
		Files []struct{ Path, Text string }
		Hex   string `json:"stream_hex"`
		Hash  string `json:"stream_blake3"`
	}
	raw, err := os.ReadFile("testdata/folder.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	d := &disk{files: map[string]string{}}
	for _, f := range v.Files {
		d.files[f.Path] = f.Text
	}
	got := d.stream(t)
	require.Equal(t, v.Hex, hex.EncodeToString(got))
	sum := blake3.Sum256(got)
	require.Equal(t, v.Hash, hex.EncodeToString(sum[:]))
	back, err := read(iotest.OneByteReader(bytes.NewReader(got)))
	require.NoError(t, err)
	require.Equal(t, d.files, back)

	for n := range got { // every cut shows, and so does a byte more
		_, err := read(bytes.NewReader(got[:n]))
		require.ErrorIs(t, err, folder.ErrFormat, n)
	}
	_, err = read(bytes.NewReader(append(got, 0)))
	require.ErrorIs(t, err, folder.ErrFormat)
	_, err = read(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(got))))
	require.ErrorIs(t, err, iotest.ErrTimeout, "an error of the reader is no fault of the stream")
}

func TestPaths(t *testing.T) {
	long := strings.Repeat("x", folder.MaxElement)
	for _, good := range []string{
		"a", "a/b.ndjson", "año/é", "환자/기록.json", "a b", "console.txt", "COM", "com10", "x.y.z", "a-", long, "-rf", "a~1",
		strings.Repeat("d/", folder.MaxDepth-1) + "f",
	} {
		require.NoError(t, folder.CheckPath(good), good)
	}
	for _, bad := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", "a/.", ".hidden", "a/.git/config", "a\\b", "C:a", "a:stream", "a\x00b", "a\nb",
		"a\x7f", "a\u0085", "a\u202eb", "a\u2066", "a\u2028", "a\xff", "a.", "a ", "a./b",
		"CON", "con.txt", "a/NUL", "nul .x", "COM1", "lpt9.json", "COM¹",
		"CONIN$", "a?", "a*", "a|b", "<a", "a>", "\"a\"", long + "x", strings.Repeat("d/", folder.MaxDepth) + "f",
		strings.Repeat(long+"/", 4) + "f",
	} {
		require.ErrorIs(t, folder.CheckPath(bad), folder.ErrPath, "%q", bad)
		require.ErrorIs(t, folder.CheckPath(bad), pdx.ErrInvalid)
	}
}

func TestNamesBesideEachOther(t *testing.T) {
	ofNames := func(paths ...string) error {
		var files []folder.File
		for _, p := range paths {
			files = append(files, folder.File{Path: p})
		}
		_, err := folder.New(files)
		return err
	}
	require.NoError(t, ofNames("b", "a/c", "a-b", "a.b", "aa/c", "a/b/c", "a/b.c"))
	for _, bad := range [][]string{
		{"a", "a"}, {"a", "A"}, {"x/É", "x/é"}, {"x/\u00e9", "x/e\u0301"}, {"가", "\u1100\u1161"}, {"\u212a", "k"}, // the Kelvin sign
		{"a", "a/b"}, {"A", "a/b"}, {"a/b", "A/c"}, {"a/b", "a-c", "A/b"}, {"x/a/b", "x/A/c"},
	} {
		require.ErrorIs(t, ofNames(bad...), folder.ErrPath, "%q", bad)
	}
	require.ErrorIs(t, ofNames(), folder.ErrLimit)
}

func TestBothNamesAreSaid(t *testing.T) {
	for _, c := range []struct {
		names []string
		says  string
	}{
		{[]string{"Visits.json", "visits.json"}, `do not distinguish "Visits.json" and "visits.json"`},
		{[]string{"A/x.json", "b.json", "a/y.json"}, `do not distinguish "A" and "a"`},
		{[]string{"a/B/x.json", "a/b/y.json"}, `do not distinguish "a/B" and "a/b"`},
		{[]string{"A.json/x.json", "a.json"}, `of "A.json" and "a.json", which some systems do not distinguish, one is a folder`},
		{[]string{"a.json", "a.json"}, `"a.json" occurs twice`},
		{[]string{"a.json", "a.json/b.json"}, `"a.json" is a file and a folder`},
		{[]string{"\u00e9.json", "e\u0301.json"}, `do not distinguish`},
	} {
		var files []folder.File
		for _, name := range c.names {
			files = append(files, folder.File{Path: name})
		}
		_, err := folder.New(files)
		require.ErrorIs(t, err, folder.ErrPath)
		require.ErrorContains(t, err, c.says)
	}
}

func TestLimits(t *testing.T) {
	many := make([]folder.File, folder.MaxFiles)
	for i := range many {
		many[i].Path = fmt.Sprintf("f%d", i)
	}
	m, err := folder.New(many)
	require.NoError(t, err)
	back, err := folder.ReadManifest(bytes.NewReader(m.Bytes()))
	require.NoError(t, err)
	require.Equal(t, m.Files(), back.Files())
	require.Equal(t, m.Bytes(), back.Bytes())
	require.Equal(t, m.Size(), back.Size())
	_, err = folder.New(append(many, folder.File{Path: "one more"}))
	require.ErrorIs(t, err, folder.ErrLimit)

	for i := range many {
		many[i].Path = fmt.Sprintf("%s%06d", strings.Repeat("x", 200), i)
	}
	_, err = folder.New(many)
	require.ErrorIs(t, err, folder.ErrLimit, "a manifest that is too large")

	_, err = folder.New([]folder.File{{"a", folder.MaxSize - 100}, {"b", 100}})
	require.ErrorIs(t, err, folder.ErrLimit)
	_, err = folder.New([]folder.File{{"a", 1 << 63}, {"b", 1 << 63}})
	require.ErrorIs(t, err, folder.ErrLimit)
}

func drawDisk(t *rapid.T) *disk {
	d := &disk{files: map[string]string{}}
	for i := range rapid.IntRange(1, 40).Draw(t, "files") {
		folders := rapid.SampledFrom([]string{"", "a/", "b/c/", "b-c/", "b/"}).Draw(t, "folder")
		d.files[fmt.Sprintf("%s%d", folders, i)] = rapid.StringN(0, 30, 60).Draw(t, "text")
	}
	return d
}

// The stream is the same whatever part of it is read, and a few files are open.
func TestJoined(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDisk(t)
		whole := d.stream(t)
		require.EqualValues(t, 0, d.open.Load())
		back, err := read(bytes.NewReader(whole))
		require.NoError(t, err)
		require.Equal(t, d.files, back)

		j := d.manifest(t).Join(d.source)
		for range 20 {
			from := rapid.IntRange(0, len(whole)+3).Draw(t, "from")
			p := make([]byte, rapid.IntRange(0, len(whole)).Draw(t, "length"))
			n, err := j.ReadAt(p, int64(from))
			if n < len(p) {
				require.ErrorIs(t, err, io.EOF)
			} else {
				require.NoError(t, err)
			}
			want := whole[min(from, len(whole)):min(from+len(p), len(whole))]
			require.Equal(t, string(want), string(p[:n]))
		}
		require.NoError(t, j.Close())
		require.EqualValues(t, 0, d.open.Load())
		require.LessOrEqual(t, d.most.Load(), int32(17), "16, and the one that is opened")
	})
}

func TestJoinedByMany(t *testing.T) {
	d := &disk{files: map[string]string{}}
	for i := range 200 {
		d.files[fmt.Sprintf("f%03d", i)] = strings.Repeat(fmt.Sprintf("%d,", i), 50)
	}
	whole := d.stream(t)
	j := d.manifest(t).Join(d.source)
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			for at := i * 37; at < len(whole); at += 1000 {
				p := make([]byte, 700)
				n, _ := j.ReadAt(p, int64(at))
				if !bytes.Equal(p[:n], whole[at:at+n]) || n == 0 {
					t.Errorf("other bytes at %d", at)
				}
			}
		})
	}
	readers.Wait()
	require.NoError(t, j.Close())
	require.EqualValues(t, 0, d.open.Load())
	_, err := j.ReadAt(make([]byte, 1), int64(len(whole)-1))
	require.Error(t, err, "closed")
}

func TestChangedFiles(t *testing.T) {
	d := &disk{files: map[string]string{"a": "aaa", "b": "bbb"}}
	m := d.manifest(t)
	whole := d.stream(t)
	d.files["a"] = "a"
	j := m.Join(d.source)
	defer j.Close()
	_, err := j.ReadAt(make([]byte, len(whole)), 0)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, `"a"`)
	delete(d.files, "b")
	_, err = j.ReadAt(make([]byte, 1), int64(len(whole)-1))
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.ErrorContains(t, err, `"b"`)
}

// FuzzRead: whatever is read as a folder is written as the same bytes, has clean
// paths, and nothing else is taken.
func FuzzRead(f *testing.F) {
	for _, files := range []map[string]string{{"a": "x"}, {"a/b": "", "c": "yy"}, {"환자.json": "{}"}} {
		f.Add((&disk{files: files}).stream(f))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		files, err := read(bytes.NewReader(b))
		if err != nil {
			require.ErrorIs(t, err, folder.ErrFormat)
			return
		}
		for path := range files {
			require.NoError(t, folder.CheckPath(path))
		}
		require.Equal(t, b, (&disk{files: files}).stream(t), "there is one stream of a folder")
	})
}
