package records

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/node/model"
)

// Plaintext is what a sale discloses, as it is sealed: a file, or a folder as one
// stream.
type Plaintext struct {
	folder.Source
	Size uint64
	Hash summer // of what was disclosed, when all was written to it
}

type summer interface {
	io.Writer
	Sum(b []byte) []byte
}

// Stream returns all of it, from the beginning, until ctx ends.
func (p Plaintext) Stream(ctx context.Context) io.Reader {
	return Until(ctx, io.NewSectionReader(p, 0, int64(p.Size)))
}

// Open opens what was disclosed of data at path, a file or a folder.
// fs.ErrNotExist or pdx.ErrNotFound if it is not there.
func Open(path string, d model.Data) (Plaintext, error) {
	if isFolder(path) {
		f := disclosedFolder{path, d.Path}
		m, err := f.manifest()
		if err != nil {
			return Plaintext{}, err
		}
		return Plaintext{m.Join(f.open), m.Size(), newHashCounter(m)}, nil
	}
	f, info, err := openRegular(path)
	if err != nil {
		return Plaintext{}, err
	}
	return Plaintext{f, uint64(info.Size()), blake3.New()}, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Until returns a reader that ends with ctx.
func Until(ctx context.Context, r io.Reader) io.Reader { return reader{ctx, r} }

// reader ends with its context.
type reader struct {
	ctx context.Context //nolint:containedctx // io.Reader has none
	r   io.Reader
}

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func openRegular(path string) (*os.File, os.FileInfo, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil, fmt.Errorf("%w: there is no such file", pdx.ErrNotFound)
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: not a regular file", pdx.ErrInvalid)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
