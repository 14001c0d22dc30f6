package validator

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/keylock"
	"github.com/medibloc/pdx/node/adopt"
)

// Config is what a validator works with. Numbers left at zero take the
// defaults of limits.go.
type Config struct {
	ChainID string
	Account pdx.Address // of this validator

	Ledger  Ledger
	Fetcher Fetcher
	Blobs   Blobs
	Vault   Vault
	Marks   adopt.Marks      // nil: all deals are read at each start
	Formats *format.Registry // of data; nil takes criteria.Formats
	Log     *slog.Logger     // nil takes slog.Default

	Workers    int    // validations at once
	Places     int    // requests that may wait
	MaxDataset uint64 // bytes of ciphertext
	MaxKept    uint64 // bytes of ciphertext, over all deals under way
	Validity   int64  // blocks for which a certificate holds at the least
	NoPromise  bool   // certify without promising to serve the ciphertext
}

// Service is one account's validator.
type Service struct {
	chainID string
	account pdx.Address
	ledger  Ledger
	fetcher Fetcher
	blobs   Blobs
	records *records
	marks   adopt.Marks
	formats *format.Registry
	log     *slog.Logger

	adoption *adopt.Runner
	missing  missingBlobs

	maxDataset uint64
	maxKept    uint64
	validity   int64
	promises   bool

	queue    *queue
	deals    *keylock.Locks[pdx.DealID]
	roots    *keylock.Locks[pdx.ContentID]
	criteria *cache
	duties   *duties
	sweeps   *sweeps
	lost     *sweeps // deals whose promised ciphertext this disk has lost

	life sync.Mutex // guards the fields below
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup
}

// New wires a validator and checks its configuration; it starts nothing.
func New(c Config) (*Service, error) {
	if c.ChainID == "" || c.Account == "" || c.Ledger == nil || c.Fetcher == nil || c.Blobs == nil || c.Vault == nil {
		return nil, fmt.Errorf("validator: %w: chain id, account, ledger, fetcher, blobs and vault are needed", pdx.ErrInvalid)
	}
	if c.Workers < 0 || c.Places < 0 || c.Validity < 0 {
		return nil, fmt.Errorf("validator: %w: a limit is negative", pdx.ErrInvalid)
	}
	if c.Formats == nil {
		c.Formats = criteria.Formats()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &Service{
		chainID: c.ChainID, account: c.Account,
		ledger: c.Ledger, fetcher: c.Fetcher, blobs: c.Blobs, records: newRecords(c.Vault), marks: c.Marks, formats: c.Formats, log: c.Log,
		maxDataset: cmp.Or(c.MaxDataset, defaultMaxDataset),
		maxKept:    cmp.Or(c.MaxKept, defaultMaxKept),
		validity:   cmp.Or(c.Validity, defaultValidity),
		promises:   !c.NoPromise,
		queue:      newQueue(cmp.Or(c.Workers, defaultWorkers), cmp.Or(c.Places, defaultPlaces)),
		deals:      keylock.New[pdx.DealID](),
		roots:      keylock.New[pdx.ContentID](),
		criteria:   newCache(cachedCriteria),
		duties:     newDuties(),
		sweeps:     newSweeps(),
		lost:       newSweeps(),
	}
	s.adoption = adopt.NewRunner(s.log, s.compare)
	return s, nil
}

// Start begins to take requests and to sweep what ended deals left behind. The
// service runs until Stop, not until ctx ends; it may be started once.
func (s *Service) Start(ctx context.Context) error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.ctx != nil {
		return fmt.Errorf("start validator: %w: it was started before", pdx.ErrWrongState)
	}
	if err := s.records.load(ctx); err != nil { // the sweep tries again
		s.log.WarnContext(ctx, "cannot read the records of deals yet", "error", err)
	}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.work.Go(func() { s.sweepLoop(s.ctx) })
	s.work.Go(func() { s.restoreLoop(s.ctx) })
	s.work.Go(func() { s.dutyLoop(s.ctx) })
	s.work.Go(func() { s.adoption.Run(s.ctx) })
	return nil
}

// Stop ends the validations under way without a verdict and waits for them, or
// for ctx. It is idempotent.
func (s *Service) Stop(ctx context.Context) error {
	s.life.Lock()
	stop := s.stop
	s.life.Unlock()
	if stop == nil {
		return nil
	}
	stop()
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop validator: %w", ctx.Err())
	}
}

// Wake hints that something on chain changed; it never blocks.
func (s *Service) Wake(e pdx.Event) {
	s.happened(e.Deal)
	if e.Kind == eventDrawn || s.duties.has(e.Deal) {
		s.duties.hint(e.Deal)
	}
}

// Resume has everything looked at now that waits for a time: this machine slept, or
// its clock was set, so that timers may come late. It never blocks.
func (s *Service) Resume() {
	s.sweeps.hintAll()
	s.duties.hintAll()
}

// happened has the record of a deal looked at soon, if it has one.
func (s *Service) happened(id pdx.DealID) {
	if s.records.has(id) {
		s.sweeps.hint(id)
	}
}

// Queue is how busy this validator is, for availability notices.
func (s *Service) Queue() Queue { return s.queue.state() }

// enter joins the service's life: the context ends with the caller's or with
// the service, and leave must be called.
func (s *Service) enter(ctx context.Context) (_ context.Context, leave func(), err error) {
	s.life.Lock()
	defer s.life.Unlock()
	if s.ctx == nil || s.ctx.Err() != nil {
		return nil, nil, ErrStopped
	}
	s.work.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(s.ctx, func() { cancel(ErrStopped) })
	return ctx, func() { unhook(); cancel(nil); s.work.Done() }, nil
}

// duration is how long one validation of that many bytes may take.
func duration(size uint64) time.Duration {
	return baseTime + time.Duration(size/minRate)*time.Second
}
