package records

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/node/model"
)

// listing is what lies in a folder.
type listing struct {
	manifest *folder.Manifest
	facts    [32]byte // paths, sizes and times, hashed
	size     uint64   // of all files
	modified time.Time
}

// listFolder lists the folder at path.
func listFolder(path string) (listing, error) {
	root, err := openRoot(path)
	if err != nil {
		return listing{}, err
	}
	defer root.Close()
	return list(root)
}

func openRoot(path string) (*os.Root, error) {
	root, err := os.OpenRoot(path)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("%w: there is no such folder", pdx.ErrNotFound)
	}
	return root, err
}

// list lists the files of a folder. Hidden files and folders are passed over:
// nobody who sells a folder means them. What is not a file is refused by name, for
// to leave it out would be no less wrong.
func list(root *os.Root) (l listing, err error) {
	var files []folder.File
	times := map[string]time.Time{}
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir() && strings.Count(path, "/")+1 >= folder.MaxDepth:
			return fmt.Errorf("%w: %q is deeper than %d folders", pdx.ErrInvalid, path, folder.MaxDepth-1)
		case entry.IsDir():
			return nil
		case len(files) == folder.MaxFiles:
			return fmt.Errorf("%w: more than %d files: sell it in parts", pdx.ErrInvalid, folder.MaxFiles)
		}
		info, err := sellable(path, entry)
		if err != nil {
			return err
		}
		files = append(files, folder.File{Path: path, Size: uint64(info.Size())})
		times[path] = info.ModTime()
		return nil
	})
	if err != nil {
		return listing{}, err
	}
	if l.manifest, err = folder.New(files); err != nil {
		return listing{}, err
	}
	l.addUp(times)
	return l, nil
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

// addUp fills in the size, the time and the hash of all files together.
func (l *listing) addUp(times map[string]time.Time) {
	hash := blake3.New()
	_, _ = hash.Write(l.manifest.Bytes())
	for _, f := range l.manifest.Files() {
		at := times[f.Path]
		_, _ = hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(at.UnixNano())))
		l.size += f.Size
		if at.After(l.modified) {
			l.modified = at
		}
	}
	l.facts = [32]byte(hash.Sum(nil))
}

// openIn opens a file of a folder, if it is as large as it was.
func openIn(root *os.Root, f folder.File) (*os.File, error) {
	file, err := root.Open(f.Path)
	return asItWas(f, file, err)
}

// asItWas is a file that was opened, if it is as large as it was.
func asItWas(f folder.File, file *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !fits(f, info) {
		err = fmt.Errorf("%q: %w", f.Path, errResized)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func fits(f folder.File, info fs.FileInfo) bool {
	return info.Mode().IsRegular() && uint64(info.Size()) == f.Size
}

var errResized = errors.New("it is not the file that it was")

// surveyFolder reads every file of a folder once and fills in what d says about
// their content.
func surveyFolder(ctx context.Context, engine criteria.Engine, d *model.Data, f format.Folder, report func(pdx.Progress)) error {
	root, err := openRoot(d.Path)
	if err != nil {
		return err
	}
	defer root.Close()
	l, err := list(root)
	if err != nil {
		return err
	}
	members, err := membersOf(l.manifest, f)
	if err != nil {
		return err
	}
	d.Size, d.Modified, d.Facts, d.Files, d.Records = l.size, l.modified, l.facts, len(l.manifest.Files()), 0
	fields, sums, read := map[string]struct{}{}, newSums(l.manifest), newGauge("", d.Size, report)
	for i, file := range l.manifest.Files() {
		summary, sum, err := surveyIn(ctx, engine, root, file, members[i], read)
		if err != nil {
			return fmt.Errorf("%q: %w", file.Path, err)
		}
		for _, field := range summary.Fields {
			fields[field] = struct{}{}
		}
		sums.add(sum)
		d.Records += summary.Records
	}
	d.Fields, d.Hash = slices.Sorted(maps.Keys(fields)), sums.sum()
	if len(d.Fields) > criteria.MaxTopLevel {
		return fmt.Errorf("%w: its files have more than %d different top-level fields", pdx.ErrInvalid, criteria.MaxTopLevel)
	}
	return nil
}

// membersOf are the formats of all files, before any is read: what could not be
// checked is refused by name.
func membersOf(m *folder.Manifest, f format.Folder) ([]format.File, error) {
	members := make([]format.File, len(m.Files()))
	for i, file := range m.Files() {
		member, err := f.File(file.Path)
		if err != nil {
			return nil, fmt.Errorf("%w; convert it, or take it out of the folder", err)
		}
		members[i] = member
	}
	return members, nil
}

func surveyIn(
	ctx context.Context, engine criteria.Engine, root *os.Root, f folder.File, member format.File, read *Gauge,
) (criteria.Summary, [32]byte, error) {
	file, err := openIn(root, f)
	if err != nil {
		return criteria.Summary{}, [32]byte{}, err
	}
	defer file.Close()
	return summarize(ctx, engine, read.Source(file, int64(f.Size)), member)
}
