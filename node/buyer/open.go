package buyer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/buyer/internal/output"
	"github.com/medibloc/pdx/node/model"
)

// brokenError says that what was delivered and paid for does not open.
type brokenError struct {
	evidence model.Evidence
	cause    error
}

// Error says what is wrong.
func (e *brokenError) Error() string { return fmt.Sprintf("%s (%v)", e.evidence, e.cause) }

// Unwrap is the sentinel of what is wrong.
func (e *brokenError) Unwrap() error { return e.cause }

// deliveredKey is M out of the delivery, and the pool's key that opened it.
func (s *Service) deliveredKey(ctx context.Context, deal pdx.Deal) (b seal.BuyerKey, m pdx.Element, err error) {
	if deal.Delivery == nil {
		return b, m, fmt.Errorf("%w: the ledger does not show the delivery yet", pdx.ErrUnavailable)
	}
	c, err := s.creationOf(ctx, deal.BuyerKey)
	if err != nil {
		return b, m, err
	}
	b, err = s.key(ctx, c.RequestID)
	if errors.Is(err, pdx.ErrNotFound) {
		return b, m, ErrNoKey
	}
	if err != nil {
		return b, m, fmt.Errorf("read the pool's key: %w", err)
	}
	if m, err = b.Recover(deal.Delivery.D1, deal.Delivery.D2); err != nil {
		err = fmt.Errorf("open the delivery: %w", err)
	}
	return b, m, err
}

// dataKey is the dataset's key out of the delivery.
func (s *Service) dataKey(ctx context.Context, deal pdx.Deal) (*seal.Key, error) {
	_, m, err := s.deliveredKey(ctx, deal)
	if err != nil {
		return nil, err
	}
	key, err := seal.OpenDataset(m, deal.Dataset)
	if errors.Is(err, pdx.ErrCorrupt) {
		return nil, &brokenError{model.Evidence{Fault: model.FaultBox}, err}
	}
	return key, err
}

// probe decrypts to nowhere, once, when the folder cannot take the records: what
// does not open must be known before the dispute ends.
func (s *Service) probe(ctx context.Context, deal pdx.Deal, p *model.Pull) error {
	if p.Sound {
		return nil
	}
	key, err := s.dataKey(ctx, deal)
	if err == nil {
		_, err = s.decrypt(ctx, io.Discard, key, deal)
	}
	p.Sound = err == nil
	return err
}

// open decrypts a delivered dataset into the order's folder.
func (s *Service) open(ctx context.Context, deal pdx.Deal, order model.PullOrder) (model.Opened, error) {
	key, err := s.dataKey(ctx, deal)
	if err != nil {
		return model.Opened{}, err
	}
	pool, err := s.pools.Pool(ctx, deal.Pool)
	if err != nil {
		return model.Opened{}, err
	}
	f, err := output.New(order.Out, deal.ID, s.engine)
	if err != nil {
		return model.Opened{}, err
	}
	var copiers []pdx.Address
	write := func(dst io.Writer) (err error) {
		copiers, err = s.decrypt(ctx, dst, key, deal)
		return err
	}
	kind, _ := s.formats.Get(pool.MediaType) // what has no known format is kept all the same
	opened, files, err := f.Write(ctx, kind, write)
	if err != nil {
		return model.Opened{}, err
	}
	opened.At, opened.Copiers = time.Now().UTC(), copiers
	if len(copiers) > 0 {
		s.log.WarnContext(ctx, "validators accepted a dataset that they did not read", "deal_id", deal.ID, "validators", copiers)
	}
	m := output.NewManifest(s.chainID, deal, pool, opened, files)
	m.Name(s.transactions(ctx, deal.ID))
	return opened, f.WriteManifest(m)
}

// decrypt writes the plaintext and returns the copiers among its validators. It tells a
// broken dataset from a broken disk.
func (s *Service) decrypt(ctx context.Context, dst io.Writer, key *seal.Key, deal pdx.Deal) ([]pdx.Address, error) {
	digest, err := key.Digest(deal.Dataset.AEAD)
	if err != nil {
		return nil, err
	}
	blob, err := s.openCiphertext(ctx, deal)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	err = key.Open(seal.Beside(digest, dst), &source{ctx, blob}, deal.Dataset)
	if !errors.Is(err, pdx.ErrCorrupt) {
		return s.copiers(deal, [32]byte(digest.Sum(nil))), err
	}
	if err := s.confirm(ctx, deal); err != nil {
		return nil, err
	}
	var segment *seal.SegmentError
	switch {
	case errors.As(err, &segment):
		return nil, &brokenError{model.Evidence{Fault: model.FaultSegment, Segment: segment.Index}, err}
	case errors.Is(err, seal.ErrSize):
		return nil, &brokenError{model.Evidence{Fault: model.FaultSize}, err}
	default:
		return nil, &brokenError{model.Evidence{Fault: model.FaultCommitment}, err}
	}
}

// copiers are the validators that accepted a dataset and whose report hash is not the one
// that they would have computed from its plaintext.
func (s *Service) copiers(deal pdx.Deal, digest [32]byte) (list []pdx.Address) {
	for _, c := range deal.Certificates {
		want := attest.Report{ChainID: s.chainID, Deal: deal.ID, Validator: c.Validator, Digest: digest}
		if c.Accepted && c.Report != want.Hash() {
			list = append(list, c.Validator)
		}
	}
	return list
}

// openCiphertext opens what is held. errLost when it is gone or damaged, which was
// not seen before.
func (s *Service) openCiphertext(ctx context.Context, deal pdx.Deal) (io.ReadCloser, error) {
	blob, err := s.blobs.Open(ctx, deal.Dataset.Root)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		return nil, s.lost(ctx, deal, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the ciphertext: %w", err)
	}
	return blob, nil
}

// confirm makes sure that the stored ciphertext is the certified one, before
// anybody is blamed. If this disk lost it, it is thrown away and pulled again.
func (s *Service) confirm(ctx context.Context, deal pdx.Deal) error {
	blob, err := s.openCiphertext(ctx, deal)
	if err != nil {
		return err
	}
	defer blob.Close()
	hash := blake3.New()
	if _, err := io.Copy(hash, &source{ctx, blob}); err != nil {
		return err
	}
	if pdx.ContentID(hash.Sum(nil)) == deal.Dataset.Root {
		return nil
	}
	return s.lost(ctx, deal, fmt.Errorf("stored ciphertext: %w: it is not under its root", pdx.ErrCorrupt))
}

// source reads stored ciphertext until ctx ends. Its errors are this machine's,
// whatever they say, so they do not wrap pdx.ErrCorrupt.
type source struct {
	ctx context.Context //nolint:containedctx // io.Reader has none
	r   io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read the ciphertext: %v", err)
	}
	return n, err
}

const (
	// txTime is how long a manifest waits for the hashes of transactions: it is written
	// without them rather than late.
	txTime = 10 * time.Second
	// txTries and txPause are for an index that is a moment behind the chain.
	txTries = 3
	txPause = 500 * time.Millisecond
)

// transactions are those of a delivered deal, as far as an endpoint has them now.
func (s *Service) transactions(ctx context.Context, deal pdx.DealID) (list []pdx.Transaction) {
	if s.receipts == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, txTime)
	defer cancel()
	for range txTries {
		var err error
		if list, err = s.receipts.Transactions(ctx, deal); err != nil {
			s.log.WarnContext(ctx, "the receipt of a deal has no transaction hashes", "deal_id", deal, "error", err)
			return nil
		}
		if slices.ContainsFunc(list, delivers) {
			return list
		}
		_ = lifecycle.Sleep(ctx, txPause)
	}
	return list
}

// delivers reports whether a transaction delivered a deal's key.
func delivers(tx pdx.Transaction) bool {
	return slices.ContainsFunc(tx.Events, func(e pdx.Event) bool { return e.State == string(pdx.DealDelivered) })
}
