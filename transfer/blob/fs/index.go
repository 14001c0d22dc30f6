package fs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	zeebo "github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// A pack file is small blobs end to end, and where they are. On disk:
//
//	"pdxpack1" ‖ bytes of blobs ‖ entries ‖ LE64(number of entries) ‖ BLAKE3 of magic, entries and number, 32
//
// An entry is root 32 ‖ LE32(offset in the file) ‖ LE32(size); they are sorted by
// root.
const (
	packMagic = "pdxpack1"
	entryLen  = 32 + 4 + 4
	packFoot  = 8 + 32
	// packMost is the longest pack file.
	packMost = len(packMagic) + blob.MaxBatchBytes + blob.MaxBatchBlobs*entryLen + packFoot
)

// entry is where a blob is in a pack file.
type entry struct {
	id           pdx.ContentID
	offset, size uint32
}

func (e entry) append(b []byte) []byte {
	b = append(b, e.id[:]...)
	b = binary.LittleEndian.AppendUint32(b, e.offset)
	return binary.LittleEndian.AppendUint32(b, e.size)
}

func parseEntry(b []byte) entry {
	return entry{
		id: pdx.ContentID(b[:32]), offset: binary.LittleEndian.Uint32(b[32:]), size: binary.LittleEndian.Uint32(b[36:]),
	}
}

// within reports whether the blob lies before the entries, which begin at end.
func (e entry) within(end uint64) bool {
	return e.size <= blob.MaxSmall && uint64(e.offset) >= uint64(len(packMagic)) && uint64(e.offset)+uint64(e.size) <= end
}

// index is all that a pack file says about its blobs.
type index struct {
	entries []entry
	end     uint64 // of the blobs; the entries follow
}

func sortEntries(entries []entry) {
	slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare(a.id[:], b.id[:]) })
}

// encode is the end of the pack file; the entries are sorted.
func (x index) encode() []byte {
	b := make([]byte, 0, len(x.entries)*entryLen+packFoot)
	for _, e := range x.entries {
		b = e.append(b)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(x.entries)))
	sum := indexSum(b)
	return append(b, sum[:]...)
}

func indexSum(b []byte) [32]byte {
	h := zeebo.New()
	_, _ = h.WriteString(packMagic) // hashing does not fail
	_, _ = h.Write(b)
	return [32]byte(h.Sum(nil))
}

var errPack = fmt.Errorf("pack of blobs: %w", pdx.ErrCorrupt)

// readIndex reads the index of a pack file of that size; what is not one is
// pdx.ErrCorrupt.
func readIndex(r io.ReaderAt, size uint64) (index, error) {
	if size < uint64(len(packMagic)+packFoot) || size > uint64(packMost) {
		return index{}, fmt.Errorf("%w: a size of %d", errPack, size)
	}
	var number [8]byte
	if err := readFull(r, number[:], int64(size)-packFoot); err != nil {
		return index{}, err
	}
	n := binary.LittleEndian.Uint64(number[:])
	if n > blob.MaxBatchBlobs || n*entryLen > size-uint64(len(packMagic)+packFoot) {
		return index{}, fmt.Errorf("%w: %d entries in %d bytes", errPack, n, size)
	}
	x := index{end: size - packFoot - n*entryLen}
	b := make([]byte, size-x.end)
	if err := readFull(r, b, int64(x.end)); err != nil {
		return index{}, err
	}
	body, sum := b[:len(b)-32], b[len(b)-32:]
	if want := indexSum(body); !bytes.Equal(want[:], sum) {
		return index{}, fmt.Errorf("%w: its index has rotted", errPack)
	}
	return x.parse(body[:n*entryLen])
}

func (x index) parse(b []byte) (index, error) {
	x.entries = make([]entry, 0, len(b)/entryLen)
	for ; len(b) > 0; b = b[entryLen:] {
		e := parseEntry(b)
		if !e.within(x.end) {
			return index{}, fmt.Errorf("%w: a blob outside of it", errPack)
		}
		if n := len(x.entries); n > 0 && bytes.Compare(x.entries[n-1].id[:], e.id[:]) >= 0 {
			return index{}, fmt.Errorf("%w: it is not sorted", errPack)
		}
		x.entries = append(x.entries, e)
	}
	return x, nil
}

// readFull reads p; a file that ends before is pdx.ErrCorrupt.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it is cut off", errPack)
	}
	return fail("read pack", err)
}
