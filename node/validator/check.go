package validator

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"runtime/debug"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/exchange/seal"
)

// check decrypts the stored ciphertext into the criteria. It is always read to the end, so
// that every validator finds the same: what does not decrypt is the ciphertext's fault
// before any record's. The plaintext is in memory only, a few segments at a time.
func (s *Service) check(ctx context.Context, p intake, keys criteria.Keys) (judgement, error) {
	blob, err := s.blobs.Open(ctx, p.deal.Dataset.Root)
	if err != nil {
		return judgement{}, ownFault("this validator cannot read the ciphertext it stored", err)
	}
	defer blob.Close()
	c, err := p.begin(ctx, blob, keys, p.report)
	if err != nil {
		return judgement{}, err
	}
	if p.rules.atOffsets {
		c.backward(ctx, blob)
	} else {
		c.forward(ctx)
	}
	return s.judgementOf(ctx, c)
}

// begin makes a check of ciphertext ready.
func (p intake) begin(ctx context.Context, ciphertext io.Reader, keys criteria.Keys, report func(pdx.Progress)) (*checking, error) {
	digest, err := p.key.Digest(p.deal.Dataset.AEAD)
	if err != nil {
		return nil, noVerdict("this validator cannot open the dataset", err)
	}
	src := &source{ctx: ctx, r: ciphertext, step: steps(pdx.StageChecking, p.deal.Dataset.Size, report)}
	src.step(0)
	return &checking{deal: p.deal, key: p.key, rules: p.rules, keys: keys, digest: digest, src: src}, nil
}

// judgementOf is what a check comes to.
func (s *Service) judgementOf(ctx context.Context, c *checking) (judged judgement, err error) {
	judged.report, err = s.weigh(ctx, c.deal, c.found, c.opened, c.checked)
	if err == nil && judged.report.Reason != pdx.RejectCiphertext {
		judged.digest = [32]byte(c.digest.Sum(nil))
	}
	return judged, err
}

// checking is one check, and what came of its two parts.
type checking struct {
	deal   pdx.Deal
	key    *seal.Key
	rules  rules
	keys   criteria.Keys
	digest hash.Hash
	src    *source

	found           criteria.Report
	opened, checked error
}

func (c *checking) size() int64 { return int64(seal.PlaintextSize(c.deal.Dataset.Size)) }

// forward decrypts and checks in one pass.
func (c *checking) forward(ctx context.Context) {
	plain, sink := io.Pipe()
	opened := make(chan error, 1)
	go func() {
		err := guard(func() error { return c.key.Open(io.MultiWriter(c.digest, sink), c.src, c.deal.Dataset) })
		sink.CloseWithError(err) // nil ends the stream
		opened <- err
	}()
	c.records(ctx, format.Stream(plain, c.size()))
	if c.checked == nil {
		_, c.checked = io.Copy(io.Discard, plain)
	}
	plain.CloseWithError(errLeft)
	c.opened = <-opened
}

// backward decrypts once to see that all of it opens, and then the segments that the
// format asks for.
func (c *checking) backward(ctx context.Context, blob io.Reader) {
	if c.opened = guard(func() error { return c.key.Open(c.digest, c.src, c.deal.Dataset) }); c.opened != nil {
		return
	}
	at, ok := blob.(io.ReaderAt)
	if !ok {
		c.checked = errors.New("the store reads forward only")
		return
	}
	plain, err := c.key.OpenAt(at, c.deal.Dataset)
	if err != nil {
		c.checked = err
		return
	}
	c.records(ctx, format.Source{ReaderAt: plain, Size: c.size()})
}

// late reports whether the child's time was over before the data came.
func (c *checking) late() bool {
	var e *jail.Error
	return errors.As(c.checked, &e) && e.Cause == jail.Late
}

func (c *checking) records(ctx context.Context, plain format.Source) {
	c.checked = guard(func() (err error) {
		c.found, err = c.rules.checker.CheckKeys(ctx, plain, c.keys, nil)
		return err
	})
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
	case errors.As(checked, new(*jail.Error)):
		return criteria.Report{}, cannotJudge(checked)
	case errors.Is(checked, pdx.ErrInvalid):
		return criteria.Report{}, noVerdict("the pool's criteria cannot be checked on this dataset", checked)
	case checked != nil:
		return criteria.Report{}, ownFault("this validator failed to check the records", checked)
	}
	return found, nil
}

// cannotJudge is the failure of a child that came to no result: that is never a verdict on
// the data, for what a child may take differs from machine to machine.
func cannotJudge(err error) error {
	var e *jail.Error
	if errors.As(err, &e) && e.Again() {
		return ownFault("this validator: "+e.Error(), e.Err)
	}
	return noVerdict(err.Error(), e.Err)
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
