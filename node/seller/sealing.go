package seller

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// seedName is the secret that all dataset keys come from.
const seedName = "seller/seed"

// stageSealing is the stage in which what was disclosed is read to be sealed.
const stageSealing pdx.Stage = "sealing"

// sealOnce is seal for a sale whose records are not offered already.
func (s *Service) sealOnce(ctx context.Context, sale model.Sale) (time.Duration, error) {
	if err := s.mayOffer(ctx, sale); err != nil {
		return 0, err
	}
	if err := s.mayWaitForDeals(sale); err != nil {
		return 0, err
	}
	before, err := s.soldBefore(ctx, sale)
	if errors.Is(err, errCopy) { // make the copy again, after a while
		return 0, errors.Join(err, s.change(ctx, sale.ID, func(sale *model.Sale) { sale.State = model.SaleProjecting }))
	}
	if before || err != nil {
		s.sealed.discard(sale.ID)
		return 0, err
	}
	if x := s.sealed.take(sale.ID, sale.DisclosedHash); x != nil {
		return 0, s.commitSealed(ctx, sale, x)
	}
	return s.seal(ctx, sale)
}

// commitSealed is the step from Sealing to Offering of a sale that was sealed while its
// records were disclosed. If it fails, the sale is sealed from its copy.
func (s *Service) commitSealed(ctx context.Context, sale model.Sale, x *sealed) error {
	defer x.abort()
	dataset, err := x.commit(ctx)
	if err != nil {
		return err
	}
	return s.sealedAs(ctx, sale, dataset)
}

// sealedAs records the ciphertext of a sale.
func (s *Service) sealedAs(ctx context.Context, sale model.Sale, dataset pdx.Dataset) error {
	return s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Reason, sale.Dataset = model.SaleOffering, "", &dataset
	})
}

// seal is the step from Sealing to Offering of a sale that is sealed from its copy. A sealing
// that was cut short left no blob; this one has a nonce of its own, written down first.
func (s *Service) seal(ctx context.Context, sale model.Sale) (time.Duration, error) {
	leave, err := s.enterHeavy(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	nonce := seal.NewNonce()
	if err := s.change(ctx, sale.ID, func(sale *model.Sale) { sale.Nonce = nonce }); err != nil {
		return 0, err
	}
	dataset, err := s.sealFile(ctx, sale, nonce)
	if errors.Is(err, errCopy) { // make the copy again, after a while
		return 0, errors.Join(err, s.change(ctx, sale.ID, func(sale *model.Sale) { sale.State = model.SaleProjecting }))
	}
	if err != nil {
		return 0, err
	}
	return 0, s.sealedAs(ctx, sale, dataset)
}

// errCopy: the private copy is not what was written; it is made again.
var errCopy = fmt.Errorf("%w: the copy of the disclosed records was changed or removed; it is made again", pdx.ErrUnavailable)

// sealFile seals the disclosed records into a new blob.
func (s *Service) sealFile(ctx context.Context, sale model.Sale, nonce [32]byte) (pdx.Dataset, error) {
	key, err := s.key(ctx, nonce)
	if err != nil {
		return pdx.Dataset{}, err
	}
	plain, err := s.openCopy(ctx, sale)
	if err != nil {
		return pdx.Dataset{}, err
	}
	defer plain.Close()
	blob, err := s.newBlob(ctx, plain.Size)
	if err != nil {
		return pdx.Dataset{}, err
	}
	defer func() { _ = blob.Abort() }()

	in := s.meter(sale.ID)(stageSealing, plain.Size).Reader(bufio.NewReaderSize(plain.Stream(ctx), 1<<20))
	facts, err := key.Seal(blob, io.TeeReader(in, plain.Hash), pdx.AES256GCM)
	if errors.Is(err, ErrSource) {
		return pdx.Dataset{}, errCopy
	}
	if err != nil {
		return pdx.Dataset{}, err
	}
	if [32]byte(plain.Hash.Sum(nil)) != sale.DisclosedHash {
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

// openCopy opens what a sale is to be sealed from.
func (s *Service) openCopy(ctx context.Context, sale model.Sale) (records.Plaintext, error) {
	d, err := s.data.Get(ctx, sale.Data)
	if err != nil {
		return records.Plaintext{}, err
	}
	plain, err := records.Open(sale.Disclosed, d)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, pdx.ErrNotFound) || errors.Is(err, folder.ErrFormat) {
		err = errCopy
	}
	return plain, err
}

// newBlob is where the ciphertext of so much plaintext goes: into the store, or if
// it is much no more than its tree does, and it is made again whenever it is served.
func (s *Service) newBlob(ctx context.Context, size uint64) (BlobWriter, error) {
	if s.oneCopy(size) {
		return s.blobs.CreateTree(ctx)
	}
	return s.blobs.Create(ctx)
}

// key is the dataset key with that nonce. The seed is made when it is first needed.
func (s *Service) key(ctx context.Context, nonce [32]byte) (*seal.Key, error) {
	s.seedMu.Lock()
	defer s.seedMu.Unlock()
	raw, err := s.secrets.Get(ctx, seedName)
	if errors.Is(err, pdx.ErrNotFound) {
		raw, err = s.makeSeed(ctx)
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

// makeSeed makes the seed and stores it.
func (s *Service) makeSeed(ctx context.Context) ([]byte, error) {
	seed, err := s.newSeed(ctx)
	if err != nil {
		return nil, err
	}
	raw := seed.Bytes()
	return raw[:], s.secrets.Put(ctx, seedName, raw[:])
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
