package records

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
)

// TempPrefix begins the names of files and folders that are of no use after a
// crash; Sweep removes them.
const TempPrefix = ".unfinished-"

// Disclosed is a file, or a folder, of projected records.
type Disclosed struct {
	Path    string
	Hash    [32]byte
	Records uint64
}

// Projector projects files; every criteria.Engine is one.
type Projector interface {
	Project(ctx context.Context, dst io.Writer, src format.Source, f format.File, d criteria.Disclosure) (format.Projection, error)
}

// Projection is what is disclosed of data.
type Projection struct {
	Data   model.Data
	Format format.Format
	By     Projector
	Keep   criteria.Disclosure
	// Also, if not nil, takes what is disclosed of a file, as the private file does. What
	// it was given counts only if Write returns no error.
	Also io.Writer
	// OneCopy has what is disclosed to the last byte not copied: what is disclosed then is
	// the registered file.
	OneCopy bool
	Meter   Meter
}

// Write projects the data into a private file or folder at path, whole or not at all.
// ErrChanged if the data is not, or does not stay, what was added.
func (p Projection) Write(ctx context.Context, path string) (Disclosed, error) {
	if folder, ok := p.Format.(format.Folder); ok {
		return p.writeFolder(ctx, path, folder)
	}
	return p.writeFile(ctx, path, p.Format.(format.File))
}

func (p Projection) writeFile(ctx context.Context, path string, f format.File) (Disclosed, error) {
	var original *os.File
	if p.OneCopy {
		file, _, err := openRegular(p.Data.Path)
		if err != nil {
			return Disclosed{}, err
		}
		defer file.Close()
		original = file
	}
	out, err := newCopying(filepath.Dir(path), original, p.Data.Size)
	if err != nil {
		return Disclosed{}, err
	}
	defer out.abandon()
	hash := blake3.New()
	all := []io.Writer{out, hash}
	if p.Also != nil {
		all = append(all, p.Also)
	}
	records, err := p.project(ctx, io.MultiWriter(all...), f)
	if err != nil {
		return Disclosed{}, err
	}
	at, err := out.finish(path, durable.Rename)
	if err != nil {
		return Disclosed{}, err
	}
	return Disclosed{Path: at, Hash: [32]byte(hash.Sum(nil)), Records: records}, nil
}

// project copies the disclosed fields of registered data to dst. ErrChanged if
// the file is not, or does not stay, what was added. The meter reports what is read.
func (p Projection) project(ctx context.Context, dst io.Writer, f format.File) (records uint64, err error) {
	d := p.Data
	if Changed(d) {
		return 0, Stale(d)
	}
	file, info, err := openRegular(d.Path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	records, hash, err := p.file(ctx, dst, p.Meter(stageProjecting, d.Size).Source(file, info.Size()), f)
	if err != nil {
		return 0, err
	}
	if hash != d.Hash || Changed(d) {
		return 0, Stale(d)
	}
	return records, nil
}

// file copies the disclosed fields of one file and hashes all of it.
func (p Projection) file(ctx context.Context, dst io.Writer, src format.Source, f format.File) (records uint64, sum [32]byte, err error) {
	in := newHashedSource(src)
	done, err := p.By.Project(ctx, dst, in.source(), f, p.Keep)
	if err != nil {
		return 0, sum, err
	}
	sum, err = in.sum()
	return done.Records, sum, err
}

// Sweep removes from a folder what a crash left half-written.
func Sweep(folder string) error {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), TempPrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, entry.Name())))
		}
	}
	return err
}
