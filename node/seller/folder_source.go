package seller

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx/exchange/folder"
)

// disclosedFolder is what discloseFolder made at path of the folder at original.
type disclosedFolder struct{ path, original string }

func (d disclosedFolder) copies() string { return filepath.Join(d.path, copiesName) }

func (d disclosedFolder) manifest() (*folder.Manifest, error) {
	f, _, err := openRegular(filepath.Join(d.path, manifestName))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return folder.ReadManifest(io.LimitReader(f, folder.MaxManifest))
}

// open opens a file: the copy, or the original where there is none. ErrSource if
// neither is as it was.
func (d disclosedFolder) open(f folder.File) (folder.Source, error) {
	file, err := os.OpenInRoot(d.copies(), f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = os.OpenInRoot(d.original, f.Path)
	}
	file, err = asItWas(f, file, err)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errResized) {
		return nil, fmt.Errorf("%w (%v)", ErrSource, err)
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// whole is nil if every file looks as it did. spared reports whether some are those
// of the original.
func (d disclosedFolder) whole(m *folder.Manifest) (spared bool, err error) {
	for _, f := range m.Files() {
		info, err := os.Lstat(filepath.Join(d.copies(), filepath.FromSlash(f.Path)))
		if errors.Is(err, fs.ErrNotExist) {
			spared = true
			info, err = os.Lstat(filepath.Join(d.original, filepath.FromSlash(f.Path)))
		}
		if err != nil {
			return false, err
		}
		if !fits(f, info) {
			return false, fmt.Errorf("%q: %w", f.Path, errResized)
		}
	}
	return spared, nil
}
