package seller

import (
	"context"
	"io"
	"os"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/exchange/folder"
)

// plaintext is what a sale discloses, as it is sealed: a file, or a folder as one
// stream.
type plaintext struct {
	folder.Source
	size uint64
	hash summer // of what was disclosed, when all was written to it
}

type summer interface {
	io.Writer
	Sum(b []byte) []byte
}

// stream is all of it, from the beginning, until ctx ends.
func (p plaintext) stream(ctx context.Context) io.Reader {
	return reader{ctx, io.NewSectionReader(p, 0, int64(p.size))}
}

// openPlaintext opens what was disclosed of data at path, a file or a folder.
// fs.ErrNotExist or pdx.ErrNotFound if it is not there.
func openPlaintext(path string, d Data) (plaintext, error) {
	if isFolder(path) {
		f := disclosedFolder{path, d.Path}
		m, err := f.manifest()
		if err != nil {
			return plaintext{}, err
		}
		return plaintext{m.Join(f.open), m.Size(), newTally(m)}, nil
	}
	f, info, err := openRegular(path)
	if err != nil {
		return plaintext{}, err
	}
	return plaintext{f, uint64(info.Size()), blake3.New()}, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
