package seller

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/seal"
)

// seedName is the secret that all dataset keys come from.
const seedName = "seller/seed"

// seal is the step from Sealing to Offering. A sealing that was cut short left
// no blob; this one has a nonce of its own, written down first.
func (s *Service) seal(ctx context.Context, sale Sale) (time.Duration, error) {
	leave, err := s.enterHeavy(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	nonce := seal.NewNonce()
	if err := s.change(ctx, sale.ID, func(sale *Sale) { sale.Nonce = nonce }); err != nil {
		return 0, err
	}
	dataset, err := s.sealFile(ctx, sale, nonce)
	if errors.Is(err, errCopy) { // make the copy again, after a while
		return 0, errors.Join(err, s.change(ctx, sale.ID, func(sale *Sale) { sale.State = Projecting }))
	}
	if err != nil {
		return 0, err
	}
	return 0, s.change(ctx, sale.ID, func(sale *Sale) {
		sale.State, sale.Reason, sale.Dataset = Offering, "", &dataset
	})
}

// errCopy: the private copy is not what was written; it is made again.
var errCopy = fmt.Errorf("%w: the copy of the disclosed records was changed or removed; it is made again", pdx.ErrUnavailable)

// sealFile seals the disclosed records into a new blob.
func (s *Service) sealFile(ctx context.Context, sale Sale, nonce [32]byte) (pdx.Dataset, error) {
	key, err := s.key(ctx, nonce)
	if err != nil {
		return pdx.Dataset{}, err
	}
	f, err := os.Open(sale.Disclosed)
	if errors.Is(err, os.ErrNotExist) {
		return pdx.Dataset{}, errCopy
	}
	if err != nil {
		return pdx.Dataset{}, err
	}
	defer f.Close()
	blob, err := s.newBlob(ctx, f)
	if err != nil {
		return pdx.Dataset{}, err
	}
	defer func() { _ = blob.Abort() }()

	hash := blake3.New()
	info, err := f.Stat()
	if err != nil {
		return pdx.Dataset{}, err
	}
	in := s.board.watched(sale.ID, uint64(info.Size()), bufio.NewReaderSize(reader{ctx, f}, 1<<20))
	facts, err := key.Seal(blob, io.TeeReader(in, hash), pdx.AES256GCM)
	if err != nil {
		return pdx.Dataset{}, err
	}
	if [32]byte(hash.Sum(nil)) != sale.DisclosedHash {
		return pdx.Dataset{}, errCopy
	}
	root, size, err := blob.Commit(ctx)
	if err == nil && size != facts.Size {
		err = fmt.Errorf("%w: the store kept %d of %d bytes", pdx.ErrCorrupt, size, facts.Size)
	}
	if err != nil {
		return pdx.Dataset{}, err
	}
	return pdx.Dataset{
		Root: root, Size: size, Key: key.Public(), Nonce: nonce, AEAD: pdx.AES256GCM,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}, nil
}

// newBlob is where the ciphertext of a file goes: into the store, or for a large
// one no more than its tree does, and it is made again whenever it is served.
func (s *Service) newBlob(ctx context.Context, f *os.File) (BlobWriter, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if s.oneCopy(uint64(info.Size())) {
		return s.blobs.CreateTree(ctx)
	}
	return s.blobs.Create(ctx)
}

// key is the dataset key with that nonce. The seed is made when it is first needed.
func (s *Service) key(ctx context.Context, nonce [32]byte) (*seal.Key, error) {
	s.seeds.Lock()
	defer s.seeds.Unlock()
	raw, err := s.secrets.Get(ctx, seedName)
	if errors.Is(err, pdx.ErrNotFound) {
		fresh := seal.NewSeed().Bytes()
		raw, err = fresh[:], s.secrets.Put(ctx, seedName, fresh[:])
	}
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	seed, err := seal.SeedFromBytes(raw)
	if err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	return seed.Dataset(nonce)
}

// datasetKey is the key of a sealed dataset.
func (s *Service) datasetKey(ctx context.Context, ds pdx.Dataset) (*seal.Key, error) {
	key, err := s.key(ctx, ds.Nonce)
	if err != nil {
		return nil, err
	}
	if key.Public() != ds.Key {
		return nil, ErrSeed
	}
	return key, nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
