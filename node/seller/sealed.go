package seller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
)

// sealed is a dataset that is sealed while its records are disclosed. Until it is committed
// nothing of it can be seen, and a crash leaves nothing. Its nonce is its own: whatever
// interrupts it, what is sealed next has another one. A nil sealed is none.
type sealed struct {
	nonce [32]byte
	hash  [32]byte // of what was sealed
	key   *seal.Key
	blob  BlobWriter
	sink  *io.PipeWriter
	over  chan error // of the goroutine that seals
	facts seal.Facts
}

// beginSealing begins to seal what is disclosed of data of some size, nil if it is so small
// that sealing it from its copy takes no time.
func (s *Service) beginSealing(ctx context.Context, size uint64) (*sealed, error) {
	if size < s.onePassFrom {
		return nil, nil //nolint:nilnil // a nil sealed is none
	}
	x := &sealed{nonce: seal.NewNonce(), over: make(chan error, 1)}
	var err error
	if x.key, err = s.key(ctx, x.nonce); err != nil {
		return nil, err
	}
	if x.blob, err = s.newUnsizedBlob(ctx, size); err != nil {
		return nil, err
	}
	var plain *io.PipeReader
	plain, x.sink = io.Pipe()
	go func() {
		var err error
		x.facts, err = x.key.Seal(x.blob, plain, pdx.AES256GCM)
		plain.CloseWithError(err)
		x.over <- err
	}()
	return x, nil
}

// Write seals what is disclosed.
func (x *sealed) Write(p []byte) (int, error) { return x.sink.Write(p) }

// finish waits until all is sealed.
func (x *sealed) finish(hash [32]byte) error {
	if x == nil {
		return nil
	}
	_ = x.sink.Close()
	err := <-x.over
	x.over <- err // for abort
	x.hash = hash
	return err
}

var errUnsealed = errors.New("the sealing was given up")

// abort discards it; after commit it does nothing.
func (x *sealed) abort() {
	if x == nil {
		return
	}
	x.sink.CloseWithError(errUnsealed)
	x.over <- <-x.over // it writes no more
	_ = x.blob.Abort()
}

// commit makes the ciphertext durable.
func (x *sealed) commit(ctx context.Context) (pdx.Dataset, error) {
	root, size, err := x.blob.Commit(ctx)
	if err == nil && size != x.facts.Size {
		err = fmt.Errorf("%w: the store kept %d of %d bytes", pdx.ErrCorrupt, size, x.facts.Size)
	}
	if err != nil {
		return pdx.Dataset{}, err
	}
	return pdx.Dataset{
		Root: root, Size: size, Key: x.key.Public(), Nonce: x.nonce, AEAD: pdx.AES256GCM,
		Box: x.facts.Box, KeyCommit: x.facts.KeyCommit, Commitment: x.facts.Commitment,
	}, nil
}

// nonceOr is its nonce, or another if it is none.
func (x *sealed) nonceOr(other [32]byte) [32]byte {
	if x == nil {
		return other
	}
	return x.nonce
}

// sealedDatasets are those of sales that may not offer yet, and that of the last preview. They
// are in files that only this process has open, so they are few, and end with it: then a sale
// is sealed from its copy.
type sealedDatasets struct {
	mu      sync.Mutex
	open    bool
	ofSale  map[string]*sealed
	order   []string // of sales, the oldest first
	preview *prepared
}

// keep keeps what a sale is to be offered with.
func (k *sealedDatasets) keep(sale string, x *sealed) {
	if x == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.open {
		x.abort()
		return
	}
	k.drop(sale)
	for len(k.order) >= maxSealed {
		k.drop(k.order[0])
	}
	k.ofSale[sale], k.order = x, append(k.order, sale)
}

// take returns what was kept of a sale, nil if that is not here or not of these records.
func (k *sealedDatasets) take(sale string, hash [32]byte) *sealed {
	k.mu.Lock()
	defer k.mu.Unlock()
	x := k.ofSale[sale]
	if x == nil || x.hash != hash {
		k.drop(sale)
		return nil
	}
	k.forget(sale)
	return x
}

// discard discards what was kept of a sale.
func (k *sealedDatasets) discard(sale string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.drop(sale)
}

// drop is discard; mu is held, as for forget.
func (k *sealedDatasets) drop(sale string) {
	k.ofSale[sale].abort()
	k.forget(sale)
}

func (k *sealedDatasets) forget(sale string) {
	delete(k.ofSale, sale)
	for i := range k.order {
		if k.order[i] == sale {
			k.order = append(k.order[:i], k.order[i+1:]...)
			return
		}
	}
}

// begin lets datasets be kept, until end has returned.
func (k *sealedDatasets) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = true
}

// end discards all of them when ctx ends.
func (k *sealedDatasets) end(ctx context.Context) {
	<-ctx.Done()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = false
	for len(k.order) > 0 {
		k.drop(k.order[0])
	}
	k.setPreview(nil)
}

// newUnsizedBlob is newBlob where the size is known only when all is written: data of about
// so many bytes are disclosed.
func (s *Service) newUnsizedBlob(ctx context.Context, about uint64) (BlobWriter, error) {
	whole, err := s.blobs.Create(ctx)
	if err != nil || s.oneCopyFrom == 0 || about < s.oneCopyFrom/mostGrowth {
		return whole, err
	}
	tree, err := s.blobs.CreateTree(ctx)
	if err != nil {
		return nil, errors.Join(err, whole.Abort())
	}
	return &unsizedBlob{whole: whole, tree: tree, service: s}, nil
}

// unsizedBlob writes a blob, and its tree, until it is so large that the tree will do.
type unsizedBlob struct {
	whole   BlobWriter // nil when it is too large
	tree    BlobWriter
	size    uint64
	service *Service
}

// Write implements io.Writer.
func (b *unsizedBlob) Write(p []byte) (int, error) {
	if b.size += uint64(len(p)); b.whole != nil && b.service.oneCopy(seal.PlaintextSize(b.size)) {
		err := b.whole.Abort()
		if b.whole = nil; err != nil {
			return 0, err
		}
	}
	if b.whole != nil {
		if n, err := b.whole.Write(p); err != nil {
			return n, err
		}
	}
	return b.tree.Write(p)
}

// Commit implements BlobWriter.
func (b *unsizedBlob) Commit(ctx context.Context) (pdx.ContentID, uint64, error) {
	if b.whole == nil {
		return b.tree.Commit(ctx)
	}
	if err := b.tree.Abort(); err != nil {
		return pdx.ContentID{}, 0, err
	}
	return b.whole.Commit(ctx)
}

// Abort implements BlobWriter.
func (b *unsizedBlob) Abort() error {
	err := b.tree.Abort()
	if b.whole != nil {
		err = errors.Join(err, b.whole.Abort())
	}
	return err
}
