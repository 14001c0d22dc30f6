package buyer

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/keylock"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/node/adopt"
	"github.com/medibloc/pdx/node/model"
)

// Config is what a buyer works with.
type Config struct {
	ChainID string
	Account pdx.Address // of this buyer

	Ledger    Ledger
	Prover    Prover
	Witnesses []Witness // each endpoint, where there are several
	Pools     Pools
	Finder    Finder
	Fetcher   Fetcher
	Blobs     Blobs

	Creations Table[Creation]
	Orders    Table[model.PullOrder]
	Pulls     Table[model.Pull]
	Secrets   Secrets
	Marks     adopt.Marks

	// Folder is where datasets go that were paid for and whose order is forgotten;
	// absolute. Empty: they wait for an order.
	Folder string

	// Documents finds the criteria of this buyer's pools, for plain files; nil: none are made.
	Documents Documents

	// Transactions finds the transactions of a deal, for its receipt; nil: a receipt has none.
	Transactions Transactions

	Formats    *format.Registry // of data; nil takes criteria.Formats
	Engine     criteria.Engine  // parses them; nil takes criteria.InProcess
	SignedAcks SignedAcks       // nil acknowledges on chain only
	Log        *slog.Logger     // nil is silent
	Parallel   int              // deals, and batches of small ones, at once; 0 takes the default
}

// Service is one account's buyer.
type Service struct {
	chainID   string
	account   pdx.Address
	ledger    Ledger
	prover    Prover
	witnesses []Witness
	pools     Pools
	finder    Finder
	fetcher   Fetcher
	blobs     Blobs

	creations  Table[Creation]
	orders     Table[model.PullOrder]
	pulls      Table[model.Pull]
	secrets    Secrets
	marks      adopt.Marks
	folder     string
	formats    *format.Registry
	engine     criteria.Engine
	receipts   Transactions
	signedAcks SignedAcks
	published  Documents
	log        *slog.Logger

	creating  chan struct{} // holds a token while a pool is created
	ordersMu  sync.Mutex    // one order is taken at a time; guards taken
	taken     uint64        // orders
	documents documents
	feed      *feed
	schedule  *schedule
	batches   *batches
	acks      *ackQueue
	proofs    *proofs
	hints     *hints
	heads     *heads
	notes     *notes
	adoption  *adopt.Runner
	keys      sync.Map // of pools that are known to be here
	draws     *draws
	plainly   *keylock.Locks[string] // folders of plain files that are being written

	life lifecycle.Group
}

// New wires a buyer and checks its configuration; it starts nothing.
func New(c Config) (*Service, error) {
	optional := []string{"Witnesses", "Folder", "Documents", "Transactions", "Formats", "Engine", "SignedAcks", "Log", "Parallel"}
	if err := need.All(c, optional...); err != nil {
		return nil, fmt.Errorf("buyer: %w", err)
	}
	if c.Parallel < 0 {
		return nil, fmt.Errorf("buyer: %w: parallel is negative", pdx.ErrInvalid)
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
		ledger: c.Ledger, prover: c.Prover, witnesses: c.Witnesses, pools: c.Pools, finder: c.Finder, fetcher: c.Fetcher, blobs: c.Blobs,
		creations: c.Creations, orders: c.Orders, pulls: c.Pulls, secrets: c.Secrets, marks: c.Marks, folder: c.Folder,
		formats:    c.Formats,
		engine:     c.Engine,
		receipts:   c.Transactions,
		signedAcks: c.SignedAcks,
		published:  c.Documents,
		log:        c.Log,
		creating:   make(chan struct{}, 1),
		feed:       newFeed(),
		batches:    newBatches(cmp.Or(c.Parallel, defaultParallel)),
		acks:       newAckQueue(),
		proofs:     newProofs(),
		hints:      newHints(),
		heads:      &heads{ledger: c.Ledger},
		notes:      newNotes(),
		draws:      newDraws(),
		plainly:    keylock.New[string](),
	}
	var err error
	if s.schedule, err = s.newSchedule(cmp.Or(c.Parallel, defaultParallel)); err != nil {
		return nil, fmt.Errorf("buyer: %w", err)
	}
	s.adoption, err = adopt.New(adopt.Config{Compare: s.compare, Log: c.Log})
	return s, err
}

// Start loads what was ordered and goes on with it until Stop. It may be called
// once.
func (s *Service) Start(ctx context.Context) error {
	if err := s.life.Start(ctx, func() error { return s.load(ctx) }); err != nil {
		return fmt.Errorf("start buyer: %w", err)
	}
	s.life.Go(s.schedule.Run)
	s.life.Go(s.ackLoop)
	s.life.Go(s.scanLoop)
	s.life.Go(s.proofLoop)
	s.life.Go(s.drawLoop)
	s.life.Go(s.adoption.Run)
	return nil
}

// Stop interrupts the work in hand, which goes on at the next start, and waits
// for it or for ctx. It is idempotent.
func (s *Service) Stop(ctx context.Context) error {
	if err := s.life.Stop(ctx); err != nil {
		return fmt.Errorf("stop buyer: %w", err)
	}
	return nil
}

// Resume has everything looked at now that waits for a time: this machine slept, or
// its clock was set, so that timers may come late. It never blocks.
func (s *Service) Resume() {
	s.schedule.WakeAll()
	s.hints.everything()
	s.draws.everything()
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
	for _, state := range model.PullsInProgress {
		pulls, err := s.pulls.Find(ctx, "State", state)
		if err != nil {
			return err
		}
		for _, p := range pulls {
			s.feed.set(p)
		}
	}
	return nil
}
