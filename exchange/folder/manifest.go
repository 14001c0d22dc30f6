package folder

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
)

// magic begins every stream. No text and no JSON has its first byte, and
// conversions of line ends or to 7 bits destroy it.
const magic = "\x89pdx\r\n\x1a\n"

// Version is the version of the format.
const Version = 1

// Sizes of the parts of a manifest, in bytes.
const (
	headSize  = len(magic) + 4 + 4 // magic, version, number of files
	entrySize = 2 + 8              // length of the path, size of the file
)

// File is a file of a folder.
type File struct {
	Path string // clean, slash-separated
	Size uint64
}

// A Manifest names the files of a folder, sorted by path. It is immutable and may be
// shared.
type Manifest struct {
	files []File
	ends  []uint64 // of each file in the stream
	head  uint64   // bytes of the manifest

	encode  sync.Once
	encoded []byte
}

// New returns the manifest of files in any order. It returns ErrPath for an invalid path and
// ErrLimit for too many files or none.
func New(files []File) (*Manifest, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	m, taken := &Manifest{head: uint64(headSize)}, newNames()
	for _, f := range files {
		if err := m.add(f, taken); err != nil {
			return nil, err
		}
	}
	return m, m.seal()
}

// add adds the next file.
func (m *Manifest) add(f File, taken *names) error {
	if len(m.files) == MaxFiles {
		return fmt.Errorf("%w: more than %d files", ErrLimit, MaxFiles)
	}
	if err := CheckPath(f.Path); err != nil {
		return err
	}
	if n := len(m.files); n > 0 && m.files[n-1].Path > f.Path {
		return fmt.Errorf("%w: %q is out of order", ErrPath, f.Path)
	}
	if twin := taken.add(f.Path); twin != nil {
		return twin.among(m.files)
	}
	if m.head += uint64(entrySize + len(f.Path)); m.head > MaxManifest {
		return fmt.Errorf("%w: the manifest is larger than %d bytes: fewer files, or shorter names", ErrLimit, MaxManifest)
	}
	m.files = append(m.files, f)
	return nil
}

// seal sets the offset of each file.
func (m *Manifest) seal() error {
	if len(m.files) == 0 {
		return fmt.Errorf("%w: no files", ErrLimit)
	}
	m.ends = make([]uint64, len(m.files))
	at := m.head
	for i, f := range m.files {
		if f.Size > MaxSize || at+f.Size > MaxSize {
			return fmt.Errorf("%w: larger than %d bytes", ErrLimit, uint64(MaxSize))
		}
		at += f.Size
		m.ends[i] = at
	}
	return nil
}

// Files returns the files, sorted by path. The caller must not change them.
func (m *Manifest) Files() []File { return m.files }

// Size returns the size of the whole stream.
func (m *Manifest) Size() uint64 { return m.ends[len(m.ends)-1] }

// Bytes returns the encoded manifest, which begins the stream. The caller must not change
// it.
func (m *Manifest) Bytes() []byte {
	m.encode.Do(func() { m.encoded = m.bytes() })
	return m.encoded
}

func (m *Manifest) bytes() []byte {
	b := append(make([]byte, 0, m.head), magic...)
	b = binary.LittleEndian.AppendUint32(b, Version)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.files)))
	for _, f := range m.files {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(f.Path)))
		b = append(b, f.Path...)
		b = binary.LittleEndian.AppendUint64(b, f.Size)
	}
	return b
}
