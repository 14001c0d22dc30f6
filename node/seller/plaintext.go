package seller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/criteria"
	"github.com/medibloc/pdx/transfer/content/folder"
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

// openPlaintext opens what was disclosed of data at path. fs.ErrNotExist or
// pdx.ErrNotFound if it is not there.
func openPlaintext(path string, d Data) (plaintext, error) {
	if d.MediaType == criteria.Folder {
		joined, err := openDisclosed(path, d.Path)
		if err != nil {
			return plaintext{}, err
		}
		return plaintext{joined, joined.Size(), newTally(joined.manifest)}, nil
	}
	f, info, err := openRegular(path)
	if err != nil {
		return plaintext{}, err
	}
	return plaintext{f, uint64(info.Size()), blake3.New()}, nil
}

// disclosedFolder is what was disclosed of a folder, open.
type disclosedFolder struct {
	*folder.Joined
	manifest *folder.Manifest
	copies   *os.Root
	original *os.Root // nil if it is gone
}

// openDisclosed opens the folder that discloseFolder made at path of the one at
// original.
func openDisclosed(path, original string) (*disclosedFolder, error) {
	m, err := readManifest(filepath.Join(path, manifestName))
	if err != nil {
		return nil, err
	}
	d := &disclosedFolder{manifest: m}
	if d.copies, err = os.OpenRoot(filepath.Join(path, copiesName)); err != nil {
		return nil, err
	}
	d.original, _ = os.OpenRoot(original) // needed only for what was not copied
	d.Joined = m.Join(d.open)
	return d, nil
}

func readManifest(path string) (*folder.Manifest, error) {
	f, _, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return folder.ReadManifest(io.LimitReader(f, folder.MaxManifest))
}

// open opens a file: the copy, or the original where there is none. ErrSource if
// neither is as it was.
func (d *disclosedFolder) open(f folder.File) (folder.Source, error) {
	file, err := openIn(d.copies, f)
	if errors.Is(err, fs.ErrNotExist) && d.original != nil {
		file, err = openIn(d.original, f)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errResized) {
		return nil, fmt.Errorf("%w (%v)", ErrSource, err)
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Close closes the files and the folders.
func (d *disclosedFolder) Close() error {
	err := errors.Join(d.Joined.Close(), d.copies.Close())
	if d.original != nil {
		err = errors.Join(err, d.original.Close())
	}
	return err
}

// whole is nil if every file looks as it did. spared tells whether some are those
// of the original.
func (d *disclosedFolder) whole() (spared bool, err error) {
	for _, f := range d.manifest.Files() {
		info, err := d.copies.Lstat(f.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			spared = true
		case err != nil:
			return false, err
		case !info.Mode().IsRegular() || uint64(info.Size()) != f.Size:
			return false, fmt.Errorf("%q: %w", f.Path, errResized)
		}
	}
	return spared, nil
}

// shelf has the folders that are served now, each open once however many pull from
// it: a manifest may be large, and files that are open are few.
type shelf struct {
	mu   sync.Mutex
	open map[string]*shelved // by sale
}

type shelved struct {
	*disclosedFolder
	readers int
}

// take opens a sale's folder, or has one more reader of it; close ends that.
func (s *shelf) take(sale Sale, original string) (d *disclosedFolder, closing func() error, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.open[sale.ID]
	if held == nil {
		d, err := openDisclosed(sale.Disclosed, original)
		if err != nil {
			return nil, nil, err
		}
		held = &shelved{disclosedFolder: d}
		s.open[sale.ID] = held
	}
	held.readers++
	return held.disclosedFolder, sync.OnceValue(func() error { return s.give(sale.ID, held) }), nil
}

func (s *shelf) give(id string, held *shelved) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held.readers--; held.readers > 0 {
		return nil
	}
	delete(s.open, id)
	return held.Close()
}

// openFolderSource is openSource for a folder.
func (s *Service) openFolderSource(sale Sale, d Data) (folder.Source, uint64, error) {
	held, closing, err := s.shelf.take(sale, d.Path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrInvalid) || errors.Is(err, folder.ErrFormat) {
		return nil, 0, fmt.Errorf("%s: %w", sale.Disclosed, ErrSource)
	}
	if err != nil {
		return nil, 0, err
	}
	spared, err := held.whole()
	if err == nil && spared && d.Changed() {
		err = errors.New(d.Path)
	}
	if err != nil {
		_ = closing()
		return nil, 0, fmt.Errorf("%w (%v)", ErrSource, err)
	}
	return sharedSource{held, closing}, held.Size(), nil
}

type sharedSource struct {
	io.ReaderAt
	closing func() error
}

// Close gives the folder back.
func (s sharedSource) Close() error { return s.closing() }
