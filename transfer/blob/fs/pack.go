package fs

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	zeebo "github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

const (
	packFile = "pack"
	goneFile = "gone"
)

// pack is what a store knows of a pack without reading it: 12 bytes and a bit for
// each blob. Their roots are in the file.
type pack struct {
	disk    disk
	dir     string
	number  uint64
	size    uint64   // of the file
	end     uint64   // of the blobs in it
	extents []extent // in the order of the entries
	gone    *bao.Bitmap
	file    file // nil when so many are open that it is opened for each use
}

// extent is where the bytes are of a blob whose root begins with prefix.
type extent struct{ prefix, offset, size uint32 }

func newPack(d disk, dir string, number uint64, x index) *pack {
	p := &pack{
		disk: d, dir: dir, number: number, end: x.end, size: x.end + uint64(len(x.entries)*entryLen+packFoot),
		gone: bao.NewBitmap(uint64(len(x.entries))),
	}
	p.extents = make([]extent, len(x.entries))
	for i, e := range x.entries {
		p.extents[i] = extent{prefixOf(e.id), e.offset, e.size}
	}
	return p
}

func prefixOf(id pdx.ContentID) uint32 { return binary.BigEndian.Uint32(id[:]) }

// loadPack reads the pack in dir. What of it was deleted may have been renamed by
// somebody who could not sync it: it is durable from here on.
func (s *Store) loadPack(dir string, number uint64) (*pack, error) {
	d := s.disk
	f, err := d.OpenFile(filepath.Join(dir, packFile), os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: it is gone", errPack)
	}
	if err != nil {
		return nil, fail("open pack", err)
	}
	defer f.Close()
	size, _, err := f.Stat()
	if err != nil {
		return nil, fail("open pack", err)
	}
	x, err := readIndex(f, uint64(size))
	if err != nil {
		return nil, err
	}
	p := newPack(d, dir, number, x)
	if d.Exists(filepath.Join(dir, goneFile)) {
		if err := d.SyncDir(dir); err != nil {
			return nil, fail("open pack", err)
		}
		gone, err := readGone(d, dir, p.gone.Len())
		if errors.Is(err, pdx.ErrCorrupt) {
			s.damaged(dir, err)
			return p, nil // rather too much is there than too little; each is verified when it is read
		}
		if err != nil {
			return nil, err
		}
		p.gone = gone
	}
	return p, nil
}

// with gives the open file of the pack to do.
func (p *pack) with(do func(file) error) error {
	if p.file != nil {
		return do(p.file)
	}
	f, err := p.disk.OpenFile(filepath.Join(p.dir, packFile), os.O_RDONLY)
	if err != nil {
		return fail("open pack", err)
	}
	defer f.Close()
	return do(f)
}

// first is the number of the first extent with the prefix of id, or of where it
// would be. Roots are evenly spread, so it is near where it would be if they were
// exactly so; the search goes out from there in steps that double.
func (p *pack) first(id pdx.ContentID) int {
	want := prefixOf(id)
	less := func(i int) bool { return p.extents[i].prefix < want }
	n := len(p.extents)
	guess := int(uint64(want) * uint64(n) >> 32)
	low, high := guess, guess // what is less ends between them
	for step := 1; low > 0 && !less(low-1); step *= 2 {
		low, high = max(0, low-step), low
	}
	for step := 1; low == guess && high < n && less(high); step *= 2 {
		high = min(n, high+step)
	}
	return low + sort.Search(high-low, func(i int) bool { return !less(low + i) })
}

// find is the blob's entry and its number; pdx.ErrNotFound when it is not in the
// pack, or not any more.
func (p *pack) find(id pdx.ContentID) (e entry, number uint64, err error) {
	at := p.first(id)
	if at == len(p.extents) || p.extents[at].prefix != prefixOf(id) {
		return entry{}, 0, pdx.ErrNotFound
	}
	err = p.with(func(f file) error {
		var b [entryLen]byte
		for i := at; i < len(p.extents) && p.extents[i].prefix == p.extents[at].prefix; i++ {
			if err := readFull(f, b[:], int64(p.end)+int64(i)*entryLen); err != nil {
				return err
			}
			if e = parseEntry(b[:]); e.id == id {
				number = uint64(i)
				return p.check(e, number)
			}
		}
		return pdx.ErrNotFound
	})
	return e, number, err
}

func (p *pack) check(e entry, number uint64) error {
	if p.gone.Has(number) {
		return pdx.ErrNotFound
	}
	if at := p.extents[number]; e.offset != at.offset || e.size != at.size {
		return fmt.Errorf("%w: its index has rotted", errPack)
	}
	return nil
}

// read reads a blob into b, which has room for it. That it hashes to its root says
// that it is the right one; its entry is looked at only when it does not.
func (p *pack) read(id pdx.ContentID, b []byte) (data []byte, err error) {
	for i := p.first(id); i < len(p.extents) && p.extents[i].prefix == prefixOf(id); i++ {
		if p.gone.Has(uint64(i)) {
			continue
		}
		at := p.extents[i]
		data = b[:at.size]
		if err = p.with(func(f file) error { return readFull(f, data, int64(at.offset)) }); err != nil {
			return nil, err
		}
		if err = blob.VerifySmall(id, data); err == nil {
			return data, nil
		}
	}
	if err != nil {
		_, _, findErr := p.find(id)
		return nil, cmp.Or(findErr, err)
	}
	return nil, pdx.ErrNotFound
}

// entries reads the index again, without what was deleted.
func (p *pack) entries() (all []entry, err error) {
	err = p.with(func(f file) error {
		x, err := readIndex(f, p.size)
		for i, e := range x.entries {
			if !p.gone.Has(uint64(i)) {
				all = append(all, e)
			}
		}
		return err
	})
	return all, err
}

// The record of what was deleted from a pack:
//
//	"pdxgone1" ‖ bitmap of the entries, LE64 words ‖ BLAKE3 of all before, 32
const goneMagic = "pdxgone1"

func encodeGone(gone *bao.Bitmap) []byte {
	b := append([]byte(goneMagic), gone.Bytes()...)
	sum := zeebo.Sum256(b)
	return append(b, sum[:]...)
}

// decodeGone reads what encodeGone wrote for a pack of n blobs; anything else is
// pdx.ErrCorrupt.
func decodeGone(b []byte, n uint64) (*bao.Bitmap, error) {
	body := len(b) - factsSum
	if body < len(goneMagic) || string(b[:len(goneMagic)]) != goneMagic || zeebo.Sum256(b[:body]) != [32]byte(b[body:]) {
		return nil, fmt.Errorf("%w: its record of what was deleted has rotted", errPack)
	}
	return bao.ParseBitmap(n, b[len(goneMagic):body])
}

func readGone(d disk, dir string, n uint64) (*bao.Bitmap, error) {
	b, err := readSmall(d, filepath.Join(dir, goneFile))
	if err != nil {
		return nil, fail("open pack", err)
	}
	return decodeGone(b, n)
}
