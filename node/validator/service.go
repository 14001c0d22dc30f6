package validator

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/internal/keylock"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/adopt"
	"github.com/medibloc/pdx/node/recordsets"
)

// Config is what a validator works with. Numbers left at zero take the
// defaults of limits.go.
type Config struct {
	ChainID string
	Account pdx.Address // of this validator

	Ledger    Ledger
	Prover    Prover
	Witnesses []Witness // each endpoint, where there are several
	Fetcher   Fetcher
	Blobs     Blobs
	Vault     Vault
	Sets      *recordsets.Sets // of this node, whatever its roles
	// Recipients are the key pairs to which pools seal or sealed their tag keys, the present one
	// first.
	Recipients func(context.Context) ([]dedup.Recipient, error)
	Marks      adopt.Marks      // nil: all deals are read at each start
	Formats    *format.Registry // of data; nil takes criteria.Formats
	Engine     criteria.Engine  // parses them; nil takes criteria.InProcess
	Log        *slog.Logger     // nil is silent

	Workers    int    // validations at once
	Slots      int    // requests that may wait
	MaxDataset uint64 // bytes of ciphertext
	MaxKept    uint64 // bytes of ciphertext, over all deals under way
	// MaxDocuments bounds the criteria and schemas that are kept for them, in bytes.
	MaxDocuments uint64
	Validity     int64 // blocks for which a certificate holds at the least
	NoPromise    bool  // certify without promising to serve the ciphertext
}

// Service is one account's validator.
type Service struct {
	chainID   string
	account   pdx.Address
	ledger    Ledger
	prover    Prover
	witnesses []Witness
	fetcher   Fetcher
	blobs     Blobs
	records   *records
	marks     adopt.Marks
	formats   *format.Registry
	engine    criteria.Engine
	log       *slog.Logger

	adoption *adopt.Runner
	missing  missingBlobs

	maxDataset uint64
	maxKept    uint64
	validity   int64

	maxDocuments uint64
	promises     bool

	sets       *recordsets.Sets
	bought     *boughtLists
	recipients func(context.Context) ([]dedup.Recipient, error)

	queue    *queue
	deals    *keylock.Locks[pdx.DealID]
	roots    *keylock.Locks[pdx.ContentID]
	criteria *cache
	duties   *duties
	sweeps   *sweeps
	lost     *sweeps // deals whose promised ciphertext this disk has lost

	challenges notify.Signal // set when a promise is challenged

	life lifecycle.Group
}

// New wires a validator and checks its configuration; it starts nothing.
func New(c Config) (*Service, error) {
	err := need.All(c, "Witnesses", "Marks", "Formats", "Engine", "Log",
		"Workers", "Slots", "MaxDataset", "MaxKept", "MaxDocuments", "Validity", "NoPromise")
	if err != nil {
		return nil, fmt.Errorf("validator: %w", err)
	}
	if c.Workers < 0 || c.Slots < 0 || c.Validity < 0 {
		return nil, fmt.Errorf("validator: %w: a limit is negative", pdx.ErrInvalid)
	}
	if c.Formats == nil {
		c.Formats = criteria.Formats()
	}
	if c.Engine == nil {
		c.Engine = criteria.InProcess(c.Formats)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		chainID: c.ChainID, account: c.Account,
		ledger: c.Ledger, prover: c.Prover, witnesses: c.Witnesses,
		fetcher: c.Fetcher, blobs: c.Blobs, records: newRecords(c.Vault), marks: c.Marks, formats: c.Formats, engine: c.Engine, log: c.Log,
		maxDataset:   cmp.Or(c.MaxDataset, defaultMaxDataset),
		maxKept:      cmp.Or(c.MaxKept, defaultMaxKept),
		validity:     cmp.Or(c.Validity, defaultValidity),
		promises:     !c.NoPromise,
		maxDocuments: cmp.Or(c.MaxDocuments, defaultMaxDocuments),
		sets:         c.Sets,
		bought:       newBoughtLists(),
		recipients:   c.Recipients,
		queue:        newQueue(cmp.Or(c.Workers, defaultWorkers), cmp.Or(c.Slots, defaultSlots)),
		deals:        keylock.New[pdx.DealID](),
		roots:        keylock.New[pdx.ContentID](),
		criteria:     newCache(cachedCriteria),
		duties:       newDuties(),
		sweeps:       newSweeps(),
		lost:         newSweeps(),
		challenges:   notify.New(),
	}
	s.adoption, err = adopt.New(adopt.Config{Compare: s.compare, Log: c.Log})
	return s, err
}

// Start begins to take requests and to sweep what ended deals left behind. The
// service runs until Stop, not until ctx ends; it may be started once.
func (s *Service) Start(ctx context.Context) error {
	err := s.life.Start(ctx, func() error {
		if err := s.records.load(ctx); err != nil { // the sweep tries again
			s.log.WarnContext(ctx, "cannot read the records of deals yet", "error", err)
		}
		if err := s.sets.Load(ctx); err != nil { // likewise
			s.log.WarnContext(ctx, "cannot read which record sets are kept yet", "error", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("start validator: %w", err)
	}
	for _, loop := range []func(context.Context){s.sweepLoop, s.restoreLoop, s.dutyLoop, s.challengeLoop, s.adoption.Run} {
		s.life.Go(loop)
	}
	return nil
}

// Stop ends the validations under way without a verdict and waits for them, or
// for ctx. It is idempotent.
func (s *Service) Stop(ctx context.Context) error {
	if err := s.life.Stop(ctx); err != nil {
		return fmt.Errorf("stop validator: %w", err)
	}
	return nil
}

// Wake hints that something on chain changed; it never blocks.
func (s *Service) Wake(e pdx.Event) {
	s.happened(e.Deal)
	if e.Kind == eventPoolStatus {
		s.sweeps.wake.Set() // its record sets may go
	}
	if e.Kind == eventDrawn || s.duties.has(e.Deal) {
		s.duties.hint(e.Deal)
	}
	if e.Kind == eventChallenged && s.records.has(e.Deal) {
		s.challenges.Set()
	}
}

// Resume has everything looked at now that waits for a time: this machine slept, or
// its clock was set, so that timers may come late. It never blocks.
func (s *Service) Resume() {
	s.sweeps.hintAll()
	s.duties.hintAll()
	s.challenges.Set()
}

// happened has the record of a deal looked at soon, if it has one.
func (s *Service) happened(id pdx.DealID) {
	if s.records.has(id) {
		s.sweeps.hint(id)
	}
}

// Queue is how busy this validator is, for availability notices.
func (s *Service) Queue() Queue { return s.queue.state() }

// duration is how long one validation of that many bytes may take.
func duration(size uint64) time.Duration {
	return baseTime + time.Duration(size/minRate)*time.Second
}
