package home

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/medibloc/pdx/node/config"
)

// An ExposedFile is a file or folder that other accounts of the machine can read or change.
type ExposedFile struct {
	Path string
	Mode os.FileMode
}

// Cure says what to do about it.
func (e ExposedFile) Cure() string {
	private := "600"
	if e.Mode.IsDir() {
		private = "700"
	}
	return fmt.Sprintf("%s has mode %#o: other accounts of this machine can read or change it; run: chmod %s %q",
		e.Path, e.Mode.Perm(), private, e.Path)
}

// Exposed returns what others can read or change of a home: its folder and the files that
// hold secrets.
func Exposed(home string) []ExposedFile {
	return ExposedPaths(
		home, config.File(home), filepath.Join(home, storageKeyFile), filepath.Join(home, databaseFile),
		filepath.Join(home, DisclosedFolder), filepath.Join(home, PulledFolder),
	)
}

// ExposedPaths returns which of some files and folders others can read or change, such as a
// file with a passphrase.
func ExposedPaths(paths ...string) (list []ExposedFile) {
	if runtime.GOOS == "windows" {
		return nil // has no modes
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && (info.Mode().IsRegular() || info.IsDir()) && info.Mode().Perm()&0o077 != 0 {
			list = append(list, ExposedFile{path, info.Mode()})
		}
	}
	return list
}
