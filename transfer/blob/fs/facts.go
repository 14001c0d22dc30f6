package fs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	zeebo "github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// facts are what a store guarantees of a blob. On disk:
//
//	"pdxblob1" ‖ root 32 ‖ LE64(size) ‖ bitmap of held segments, LE64 words ‖ BLAKE3 of all before, 32
//
// The bitmap of a whole blob is left out.
type facts struct {
	id   pdx.ContentID
	size uint64
	held *bao.Bitmap
}

const (
	factsFile  = "facts"
	factsMagic = "pdxblob1"
	factsHead  = len(factsMagic) + 32 + 8
	factsSum   = 32
	// factsMost is the longest facts file: that of a partial blob of bao.MaxSize.
	factsMost = factsHead + bao.MaxSize/bao.SegmentSize/8 + factsSum
)

func (f facts) info() blob.Info {
	return blob.Info{ID: f.id, Size: f.size, Held: f.held.HeldBytes(f.size)}
}

func (f facts) encode() []byte {
	b := append([]byte(factsMagic), f.id[:]...)
	b = binary.LittleEndian.AppendUint64(b, f.size)
	if !f.held.Complete() {
		b = append(b, f.held.Bytes()...)
	}
	sum := zeebo.Sum256(b)
	return append(b, sum[:]...)
}

var errFacts = fmt.Errorf("facts of blob: %w", pdx.ErrCorrupt)

// decodeFacts reads what encode wrote; anything else is pdx.ErrCorrupt.
func decodeFacts(b []byte) (facts, error) {
	if len(b) < factsHead+factsSum || !bytes.HasPrefix(b, []byte(factsMagic)) {
		return facts{}, errFacts
	}
	body, sum := b[:len(b)-factsSum], b[len(b)-factsSum:]
	if want := zeebo.Sum256(body); !bytes.Equal(want[:], sum) {
		return facts{}, errFacts
	}
	rest := body[len(factsMagic):]
	f := facts{id: pdx.ContentID(rest[:32]), size: binary.LittleEndian.Uint64(rest[32:])}
	if bao.CheckSize(f.size) != nil {
		return facts{}, fmt.Errorf("%w: a size of %d", errFacts, f.size)
	}
	n := bao.Segments(f.size)
	if bitmap := body[factsHead:]; len(bitmap) > 0 {
		var err error
		f.held, err = bao.ParseBitmap(n, bitmap)
		return f, err
	}
	f.held = bao.FullBitmap(n)
	return f, nil
}

// readFacts reads the facts in a blob's directory, which must be about id.
// A directory that does not exist is pdx.ErrNotFound, one without facts corrupt.
func readFacts(d disk, dir string, id pdx.ContentID) (facts, error) {
	b, err := readSmall(d, filepath.Join(dir, factsFile))
	if errors.Is(err, fs.ErrNotExist) {
		if !d.Exists(dir) {
			return facts{}, pdx.ErrNotFound
		}
		return facts{}, fmt.Errorf("%w: no facts", errFacts)
	}
	if err != nil {
		return facts{}, fail("read facts", err)
	}
	f, err := decodeFacts(b)
	if err == nil && f.id != id {
		err = fmt.Errorf("%w: they are about %v", errFacts, f.id)
	}
	return f, err
}

func readSmall(d disk, path string) ([]byte, error) {
	f, err := d.OpenFile(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, 0, int64(factsMost)+1))
}

// writeFacts replaces the facts in a blob's directory: all of them or none.
func writeFacts(d disk, dir string, f facts) error { return replaceFile(d, dir, factsFile, f.encode()) }

// replaceFile writes a small file in place of an old one, durably: all of it or
// none.
func replaceFile(d disk, dir, name string, b []byte) error {
	if err := swapFile(d, dir, name, b); err != nil {
		return err
	}
	return d.SyncDir(dir)
}

// swapFile writes a small file in place of an old one. Which of them is there
// after a power cut is open until the directory is synced.
func swapFile(d disk, dir, name string, b []byte) error {
	next := filepath.Join(dir, name+".new")
	if err := writeSynced(d, next, b); err != nil {
		return err
	}
	return d.Rename(next, filepath.Join(dir, name))
}
