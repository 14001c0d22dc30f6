package validator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/seal"
)

// check decrypts the stored ciphertext as a stream into the criteria. Both ends
// are always read to the end, so that every validator finds the same: what does
// not decrypt is the ciphertext's fault before any record's.
func (s *Service) check(
	ctx context.Context, deal pdx.Deal, key *seal.Key, r rules, keys criteria.Keys, report func(pdx.Progress),
) (judgement, error) {
	digest, err := key.Digest(deal.Dataset.AEAD)
	if err != nil {
		return judgement{}, noVerdict("this validator cannot open the dataset", err)
	}
	blob, err := s.blobs.Open(ctx, deal.Dataset.Root)
	if err != nil {
		return judgement{}, ownFault("this validator cannot read the ciphertext it stored", err)
	}
	defer blob.Close()
	src := &source{ctx: ctx, r: blob, step: steps(pdx.StageChecking, deal.Dataset.Size, report)}
	src.step(0)

	plain, sink := io.Pipe()
	opened := make(chan error, 1)
	go func() {
		err := guard(func() error { return key.Open(io.MultiWriter(digest, sink), src, deal.Dataset) })
		sink.CloseWithError(err) // nil ends the stream
		opened <- err
	}()
	var found criteria.Report
	checked := guard(func() (err error) {
		found, err = r.checker.CheckKeys(ctx, format.Stream(plain, int64(seal.PlaintextSize(deal.Dataset.Size))), keys, nil)
		return err
	})
	if checked == nil {
		_, checked = io.Copy(io.Discard, plain)
	}
	plain.CloseWithError(errLeft)
	judged := judgement{}
	judged.report, err = s.weigh(ctx, deal, found, <-opened, checked)
	if err == nil && judged.report.Reason != pdx.RejectCiphertext {
		judged.digest = [32]byte(digest.Sum(nil))
	}
	return judged, err
}

// errLeft ends decryption when nobody reads any more.
var errLeft = errors.New("the criteria check ended early")

// weigh tells what the two ends of the stream together mean.
func (s *Service) weigh(ctx context.Context, deal pdx.Deal, found criteria.Report, opened, checked error) (criteria.Report, error) {
	switch {
	case ctx.Err() != nil:
		return criteria.Report{}, context.Cause(ctx)
	case errors.Is(opened, pdx.ErrCorrupt):
		if err := s.confirm(ctx, deal.Dataset.Root); err != nil {
			return criteria.Report{}, err
		}
		return blame(deal, pdx.RejectCiphertext), nil
	case opened != nil && !errors.Is(opened, errLeft):
		return criteria.Report{}, ownFault("this validator cannot read the ciphertext it stored", opened)
	case errors.Is(checked, pdx.ErrInvalid):
		return criteria.Report{}, noVerdict("the pool's criteria cannot be checked on this dataset", checked)
	case checked != nil:
		return criteria.Report{}, ownFault("this validator failed to check the records", checked)
	}
	return found, nil
}

// confirm makes sure that the stored ciphertext is the one the deal names,
// before its seller is blamed. If this disk lost it, it is thrown away, to be
// pulled again.
func (s *Service) confirm(ctx context.Context, root pdx.ContentID) error {
	blob, err := s.blobs.Open(ctx, root)
	if err != nil {
		return ownFault("this validator cannot read the ciphertext it stored", err)
	}
	defer blob.Close()
	hash := blake3.New()
	if _, err := io.Copy(hash, &source{ctx: ctx, r: blob, step: func(uint64) {}}); err != nil {
		return ownFault("this validator cannot read the ciphertext it stored", err)
	}
	if pdx.ContentID(hash.Sum(nil)) == root {
		return nil
	}
	rotten := fmt.Errorf("stored blob %v: %w", root, pdx.ErrCorrupt)
	return ownFault("this validator lost the ciphertext it stored", errors.Join(rotten, s.blobs.Discard(ctx, root)))
}

// source reads ciphertext until ctx ends and counts what was read. Its errors
// are this machine's, whatever they wrap.
type source struct {
	ctx  context.Context //nolint:containedctx // io.Reader has none
	r    io.Reader
	n    uint64
	step func(done uint64)
}

func (s *source) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	n, err := s.r.Read(p)
	s.n += uint64(n)
	s.step(s.n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read stored ciphertext: %v", err) // unwrapped: pdx.ErrCorrupt from a disk is not the seller's
	}
	return n, err
}

// guard turns a panic into an error: the records come from a stranger, and one
// of them must not end the process.
func guard(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work()
}
