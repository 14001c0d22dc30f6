package folder

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/medibloc/pdx"
)

// List lists the files below the root of a file system, as New wants them, and when each was
// modified. Hidden files and folders are passed over: nobody who sells a folder means them.
// What is not a file is refused with pdx.ErrInvalid and by name, for to leave it out would be
// no less wrong. So are more than MaxFiles files and deeper folders than MaxDepth.
func List(fsys fs.FS) (files []File, modified map[string]time.Time, err error) {
	modified = map[string]time.Time{}
	err = fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir() && strings.Count(path, "/")+1 >= MaxDepth:
			return fmt.Errorf("%w: %q is deeper than %d folders", pdx.ErrInvalid, path, MaxDepth-1)
		case entry.IsDir():
			return nil
		case len(files) == MaxFiles:
			return fmt.Errorf("%w: more than %d files: sell it in parts", pdx.ErrInvalid, MaxFiles)
		}
		info, err := sellable(path, entry)
		if err != nil {
			return err
		}
		files = append(files, File{Path: path, Size: uint64(info.Size())})
		modified[path] = info.ModTime()
		return nil
	})
	return files, modified, err
}

// sellable are the facts of a file that a folder may have.
func sellable(path string, entry fs.DirEntry) (fs.FileInfo, error) {
	kind := entry.Type()
	switch {
	case kind&fs.ModeSymlink != 0:
		return nil, fmt.Errorf("%w: %q is a link: put the file itself there, or take it out of the folder", pdx.ErrInvalid, path)
	case !kind.IsRegular():
		return nil, fmt.Errorf("%w: %q is not a file but a %s: take it out of the folder", pdx.ErrInvalid, path, kindOf(kind))
	}
	return entry.Info()
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	}
	return "device"
}
