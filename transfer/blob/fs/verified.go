package fs

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

const (
	// verifiedBlobs bounds the blobs of which it is known what was found right: 32 KiB
	// for each of 16 GiB.
	verifiedBlobs = 256
	// coarsestClock is the longest time in which a file system may not see that a
	// file was changed again: FAT's.
	coarsestClock = 2 * time.Second
)

// verified remembers, as long as the process lives, which segments of whole blobs
// were read and found right since their files last changed. They are not hashed
// for every puller again, which takes longer than sending them. What a disk loses
// later, below the file system, the puller finds.
type verified struct {
	mu    sync.Mutex
	blobs *simplelru.LRU[pdx.ContentID, *verifiedBlob]
}

func newVerified() *verified {
	blobs, err := simplelru.NewLRU[pdx.ContentID, *verifiedBlob](verifiedBlobs, nil)
	if err != nil {
		panic(err) // the bound is positive
	}
	return &verified{blobs: blobs}
}

// of is what is known of a blob whose files were last changed at those times. It
// is a fresh one, not remembered, while a change could go unseen.
func (v *verified) of(f *files, now time.Time) *verifiedBlob {
	v.mu.Lock()
	defer v.mu.Unlock()
	b, ok := v.blobs.Get(f.id)
	if ok && b.changed == f.changed {
		return b
	}
	b = &verifiedBlob{changed: f.changed, segments: bao.NewBitmap(bao.Segments(f.size))}
	if f.changed.before(now.Add(-coarsestClock)) {
		v.blobs.Add(f.id, b)
	} else {
		v.blobs.Remove(f.id)
	}
	return b
}

// changes are the times at which the data and the tree of a blob last changed.
type changes struct{ data, tree int64 } // Unix nanoseconds

func (c changes) before(t time.Time) bool { return max(c.data, c.tree) < t.UnixNano() }

// verifiedBlob is a bao.Known of one blob.
type verifiedBlob struct {
	changed changes

	mu       sync.Mutex
	segments *bao.Bitmap
}

// Has reports whether the segment was found right.
func (b *verifiedBlob) Has(i uint64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.segments.Has(i)
}

// Add remembers that it was.
func (b *verifiedBlob) Add(i uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.segments.Add(i)
}
