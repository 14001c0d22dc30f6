package records

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/exchange/folder"
)

// disclosedFolder is what writeFolder made at path of the folder at original.
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

// sums hash a folder out of the hashes of its files, which are known before the
// stream is: the manifest, which comes first, needs the sizes of all.
type sums struct{ total *blake3.Hasher }

func newSums(m *folder.Manifest) sums {
	s := sums{blake3.New()}
	s.add(blake3.Sum256(m.Bytes()))
	return s
}

func (s sums) add(sum [32]byte) { _, _ = s.total.Write(sum[:]) }
func (s sums) sum() [32]byte    { return [32]byte(s.total.Sum(nil)) }

// hashCounter takes the stream of a folder and comes to the same hash as sums.
type hashCounter struct {
	total, part *blake3.Hasher
	left        []uint64 // bytes to come: of the present part, and of those behind it
}

func newHashCounter(m *folder.Manifest) *hashCounter {
	left := []uint64{uint64(len(m.Bytes()))}
	for _, f := range m.Files() {
		left = append(left, f.Size)
	}
	return &hashCounter{total: blake3.New(), part: blake3.New(), left: left}
}

// Write implements io.Writer.
func (t *hashCounter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		t.settle()
		if len(t.left) == 0 {
			_, _ = t.total.Write(rest) // more than there is: the hash becomes another
			break
		}
		n := min(uint64(len(rest)), t.left[0])
		_, _ = t.part.Write(rest[:n])
		rest, t.left[0] = rest[n:], t.left[0]-n
	}
	return len(p), nil
}

// settle closes the parts that are complete.
func (t *hashCounter) settle() {
	for len(t.left) > 0 && t.left[0] == 0 {
		_, _ = t.total.Write(t.part.Sum(nil))
		t.part.Reset()
		t.left = t.left[1:]
	}
}

// Sum appends the hash. That of a stream which is too short or too long is another
// than sums has.
func (t *hashCounter) Sum(b []byte) []byte {
	t.settle()
	return t.total.Sum(b)
}
