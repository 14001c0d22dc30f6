package formattest

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

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

// isFragile reports whether a format is read at offsets.
func isFragile(f format.Format) bool {
	_, fragile := f.(format.Fragile)
	return fragile
}

// streamOf is data as a stream of single bytes; once more as it is for a format that is read
// at offsets.
func streamOf(f format.Format, data string) format.Source {
	if isFragile(f) {
		return Source(data)
	}
	return format.Stream(iotest.OneByteReader(strings.NewReader(data)), int64(len(data)))
}

// broken is data of which n bytes can be read, in order or from the end.
func broken(f format.Format, data string, n int, err error) format.Source {
	if isFragile(f) {
		return format.Source{ReaderAt: &brokenReaderAt{strings.NewReader(data), n, err}, Size: int64(len(data))}
	}
	return format.Stream(io.MultiReader(strings.NewReader(data[:n]), iotest.ErrReader(err)), int64(len(data)))
}

type brokenReaderAt struct {
	io.ReaderAt
	left int
	err  error
}

// ReadAt implements io.ReaderAt.
func (b *brokenReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, b.err
	}
	return b.ReaderAt.ReadAt(p, off)
}
