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
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/packed"
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

// list lists the files of a folder.
func list(root *os.Root) (l listing, err error) {
	files, times, err := folder.List(root.FS())
	if err != nil {
		return listing{}, err
	}
	if l.manifest, err = folder.New(files); err != nil {
		return listing{}, err
	}
	l.addUp(times)
	return l, nil
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
	d.Notes = nil
	fields, sums, read := map[string]struct{}{}, newSums(l.manifest), newGauge("", d.Size, report)
	digests := make([][32]byte, len(members))
	for i, file := range l.manifest.Files() {
		summary, sum, err := surveyIn(ctx, engine, root, file, members[i], read)
		if err != nil {
			return fmt.Errorf("%q: %w", file.Path, err)
		}
		for _, field := range summary.Fields {
			fields[field] = struct{}{}
		}
		sums.add(sum)
		digests[i] = sum
		d.Records += summary.Records
		d.Notes = noted(d.Notes, summary.Notes)
	}
	if described, ok := f.(format.Described); ok {
		if err := compare(root, described, l.manifest, digests); err != nil {
			return err
		}
	}
	d.Fields, d.Hash = slices.Sorted(maps.Keys(fields)), sums.sum()
	if len(d.Fields) > criteria.MaxTopLevel {
		return fmt.Errorf("%w: its files have more than %d different top-level fields", pdx.ErrInvalid, criteria.MaxTopLevel)
	}
	return nil
}

// compare compares the files of a folder with what one of them says about the others.
func compare(root *os.Root, f format.Described, m *folder.Manifest, digests [][32]byte) error {
	file, err := root.Open(f.Description())
	if os.IsNotExist(err) {
		return fmt.Errorf("%w: %s is missing, which describes the files: write it with `pdx data sidecar`", pdx.ErrInvalid, f.Description())
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return f.Compare(format.Source{ReaderAt: file, Size: info.Size()}, m.Files(), digests)
}

// membersOf are the formats of all files, before any is read: what could not be
// checked is refused by name.
func membersOf(m *folder.Manifest, f format.Folder) ([]format.File, error) {
	members := make([]format.File, len(m.Files()))
	for i, file := range m.Files() {
		member, _, err := memberOf(f, file.Path)
		if err != nil {
			return nil, fmt.Errorf("%w; convert it, or take it out of the folder, or describe its files with `pdx data sidecar FOLDER`", err)
		}
		members[i] = member
	}
	return members, nil
}

// memberOf is the format of a file in a folder, and its path when it is disclosed: a packed
// file, whose name says so, is disclosed unpacked.
func memberOf(f format.Folder, path string) (format.File, string, error) {
	member, err := f.File(path)
	if name := packed.Name(path); err != nil && name != path {
		if unpacked, failed := f.File(name); failed == nil {
			return unpacked, name, nil
		}
	}
	return member, path, err
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
