package formattest

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/folder"
)

// Source makes a source of data in memory.
func Source[T string | []byte](data T) format.Source {
	return format.Source{ReaderAt: strings.NewReader(string(data)), Size: int64(len(data))}
}

// FolderOf returns the stream of a folder of files, given by path and text in turn.
func FolderOf(t testing.TB, files ...string) string {
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

type text struct{ *strings.Reader }

func (text) Close() error { return nil }
