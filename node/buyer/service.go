package buyer

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/adopt"
)

// Config is what a buyer works with.
type Config struct {
	ChainID string
	Account pdx.Address // of this buyer

	Ledger  Ledger
	Pools   Pools
	Finder  Finder
	Fetcher Fetcher
	Blobs   Blobs

	Creations Table[Creation]
	Orders    Table[Order]
	Pulls     Table[Pull]
	Secrets   Secrets
	Marks     adopt.Marks

	// Folder is where datasets go that were paid for and whose order is forgotten;
	// absolute. Empty: they wait for an order.
	Folder string

	Formats  *format.Registry // of data; nil takes criteria.Formats
	Vouchers Vouchers         // nil acknowledges on chain only
	Log      *slog.Logger     // nil takes slog.Default
	Parallel int              // deals, and batches of small ones, at once; 0 takes the default
}

// Service is one account's buyer.
type Service struct {
	chainID string
	account pdx.Address
	ledger  Ledger
	pools   Pools
	finder  Finder
	fetcher Fetcher
	blobs   Blobs

	creations Table[Creation]
	orders    Table[Order]
	pulls     Table[Pull]
	secrets   Secrets
	marks     adopt.Marks
	folder    string
	formats   *format.Registry
	vouchers  Vouchers
	log       *slog.Logger

	creating  chan struct{} // holds a token while a pool is created
	ordering  sync.Mutex    // one order is taken at a time
	documents documents
	board     *board
	schedule  *schedule
	batches   *batches
	acks      *ackQueue
	hints     *hints
	heads     *heads
	notes     *notes
	adoption  *adopt.Runner
	keys      sync.Map // of pools that are known to be here

	life sync.Mutex // guards the fields below
	stop context.CancelFunc
	work sync.WaitGroup
}

// New wires a buyer and checks its configuration; it starts nothing.
func New(c Config) (*Service, error) {
	switch {
	case c.ChainID == "" || c.Account == "":
		return nil, fmt.Errorf("buyer: %w: chain id and account are needed", pdx.ErrInvalid)
	case c.Ledger == nil || c.Pools == nil || c.Finder == nil || c.Fetcher == nil || c.Blobs == nil:
		return nil, fmt.Errorf("buyer: %w: ledger, pools, finder, fetcher and blobs are needed", pdx.ErrInvalid)
	case c.Creations == nil || c.Orders == nil || c.Pulls == nil || c.Secrets == nil || c.Marks == nil:
		return nil, fmt.Errorf("buyer: %w: tables and secrets are needed", pdx.ErrInvalid)
	case c.Parallel < 0:
		return nil, fmt.Errorf("buyer: %w: parallel is negative", pdx.ErrInvalid)
	}
	if c.Formats == nil {
		c.Formats = criteria.Formats()
	}
	s := &Service{
		chainID: c.ChainID, account: c.Account,
		ledger: c.Ledger, pools: c.Pools, finder: c.Finder, fetcher: c.Fetcher, blobs: c.Blobs,
		creations: c.Creations, orders: c.Orders, pulls: c.Pulls, secrets: c.Secrets, marks: c.Marks, folder: c.Folder,
		formats: c.Formats, vouchers: c.Vouchers,
		log:      cmp.Or(c.Log, slog.Default()),
		creating: make(chan struct{}, 1),
		board:    newBoard(),
		batches:  newBatches(cmp.Or(c.Parallel, defaultParallel)),
		acks:     newAckQueue(),
		hints:    newHints(),
		heads:    &heads{ledger: c.Ledger},
		notes:    newNotes(),
	}
	s.adoption = adopt.NewRunner(s.log, s.compare)
	var err error
	s.schedule, err = s.newSchedule(cmp.Or(c.Parallel, defaultParallel))
	return s, err
}

// Start loads what was ordered and goes on with it until Stop. It may be called
// once.
func (s *Service) Start(ctx context.Context) error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.stop != nil {
		return fmt.Errorf("start buyer: %w: it was started before", pdx.ErrWrongState)
	}
	if err := s.load(ctx); err != nil {
		return fmt.Errorf("start buyer: %w", err)
	}
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.work.Go(func() { s.schedule.Run(ctx) })
	s.work.Go(func() { s.ackLoop(ctx) })
	s.work.Go(func() { s.scanLoop(ctx) })
	s.work.Go(func() { s.adoption.Run(ctx) })
	return nil
}

// Stop interrupts the work in hand, which goes on at the next start, and waits
// for it or for ctx. It is idempotent.
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
		return fmt.Errorf("stop buyer: %w", ctx.Err())
	}
}

// Resume has everything looked at now that waits for a time: this machine slept, or
// its clock was set, so that timers may come late. It never blocks.
func (s *Service) Resume() {
	s.schedule.WakeAll()
	s.hints.everything()
}

// load reads what earlier runs remembered.
func (s *Service) load(ctx context.Context) error {
	creations, err := s.creations.All(ctx)
	if err != nil {
		return err
	}
	for _, c := range creations {
		s.documents.add(c.Documents)
	}
	orders, err := s.orders.All(ctx)
	if err != nil {
		return err
	}
	for _, o := range orders {
		if s.folder == "" || filepath.Dir(o.Out) != s.folder { // else made by compare
			s.notes.chose(o.Pool)
		}
	}
	pulls, err := s.pulls.All(ctx)
	if err != nil {
		return err
	}
	for _, p := range pulls {
		s.board.set(p)
	}
	return nil
}
