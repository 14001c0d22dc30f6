package seller

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/adopt"
)

// Config is what a Service works with; all but Log, Formats, Seed and OneCopyFrom must be given.
type Config struct {
	ChainID    string
	Account    pdx.Address
	Folder     string // for disclosed records; absolute, made (0700) if missing
	Ledger     Ledger
	Prover     Prover
	Wallet     Wallet
	Documents  Documents
	Blobs      Blobs
	Validators Validators
	Sales      Table[Sale]
	Data       Table[Data]
	Secrets    Secrets
	Marks      adopt.Marks
	Log        *slog.Logger

	// Formats are the formats of data that it sells; nil takes criteria.Formats.
	Formats *format.Registry

	// Seed makes the seed of all dataset keys where none is stored; nil takes a
	// random one, which is lost with the database.
	Seed func(ctx context.Context) (seal.Seed, error)

	// OneCopyFrom is the size in bytes from which on disclosed records are not
	// kept a second time, sealed, but sealed again whenever they are served; 0
	// seals all into a copy.
	OneCopyFrom uint64
}

// Service is the seller of one account on one chain.
type Service struct {
	chainID    string
	account    pdx.Address
	folder     string
	ledger     Ledger
	prover     Prover
	wallet     Wallet
	documents  Documents
	blobs      Blobs
	validators Validators
	sales      Table[Sale]
	data       Table[Data]
	secrets    Secrets
	marks      adopt.Marks
	newSeed    func(ctx context.Context) (seal.Seed, error)
	formats    *format.Registry
	log        *slog.Logger

	oneCopyFrom uint64
	adoption    *adopt.Runner

	orders sync.Mutex    // one order or registration at a time, so that none comes twice
	heavy  chan struct{} // holds a token for each sale that is read or sealed now
	seeds  sync.Mutex    // one maker of the seed

	changes sync.Mutex // one change of a sale at a time

	board *board
	shelf *shelf
	asks  askQueues
	index dataIndex

	mu      sync.Mutex // guards the rest
	running bool
	life    context.Context
	end     context.CancelFunc
	workers map[string]*worker // by sale
	// inherited are the sales that an earlier process left unsealed.
	inherited map[string]bool
	over      sync.WaitGroup
}

// New wires a Service and starts nothing.
func New(c Config) (*Service, error) {
	for what, missing := range map[string]bool{
		"chain id": c.ChainID == "", "account": c.Account == "", "absolute folder": !filepath.IsAbs(c.Folder),
		"ledger": c.Ledger == nil, "prover": c.Prover == nil, "wallet": c.Wallet == nil, "documents": c.Documents == nil, "blobs": c.Blobs == nil,
		"validators": c.Validators == nil, "sales": c.Sales == nil, "data": c.Data == nil, "secrets": c.Secrets == nil, "marks": c.Marks == nil,
	} {
		if missing {
			return nil, fmt.Errorf("seller: %w: no %s", pdx.ErrInvalid, what)
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Formats == nil {
		c.Formats = criteria.Formats()
	}
	if c.Seed == nil {
		c.Seed = func(context.Context) (seal.Seed, error) { return seal.NewSeed(), nil }
	}
	s := &Service{
		chainID: c.ChainID, account: c.Account, folder: c.Folder, ledger: c.Ledger, prover: c.Prover, wallet: c.Wallet,
		documents: c.Documents, blobs: c.Blobs, validators: c.Validators, sales: c.Sales, data: c.Data,
		secrets: c.Secrets, marks: c.Marks, newSeed: c.Seed, formats: c.Formats, log: c.Log, inherited: map[string]bool{}, oneCopyFrom: c.OneCopyFrom,
		heavy: make(chan struct{}, heavySales), board: newBoard(), shelf: newShelf(), asks: newAskQueues(), workers: map[string]*worker{},
	}
	s.adoption = adopt.NewRunner(c.Log, s.adoptDeals)
	return s, nil
}

// Start takes up all sales that have not ended, until Stop.
func (s *Service) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running {
		return fmt.Errorf("start seller: %w: it runs already", pdx.ErrWrongState)
	}
	if err := durable.MkdirAll(s.folder); err != nil {
		return fmt.Errorf("start seller: %w", err)
	}
	if err := sweepFolder(s.folder); err != nil {
		return fmt.Errorf("start seller: %w", err)
	}
	sales, err := s.sales.All(ctx)
	if err != nil {
		return fmt.Errorf("start seller: %w", err)
	}
	for i, sale := range sales {
		sales[i] = s.movedHere(ctx, sale)
	}
	s.life, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.running = true
	for _, sale := range sales {
		s.board.set(sale)
		s.inherited[sale.ID] = sale.Dataset == nil && sale.live()
		if !sale.Settled {
			s.employ(sale)
		}
	}
	s.over.Go(func() { s.adoption.Run(s.life) })
	return nil
}

// Stop ends all work in hand, which Start takes up again, and waits for it, at
// most until ctx ends.
func (s *Service) Stop(ctx context.Context) error {
	s.mu.Lock()
	if s.running {
		s.running = false
		s.end()
	}
	s.mu.Unlock()
	idle := make(chan struct{})
	go func() { s.over.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop seller: work still in hand: %w", ctx.Err())
	}
}

func (s *Service) isRunning() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// Wake says that something may have changed on chain. It never blocks.
func (s *Service) Wake(e pdx.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.workers {
		if w.concerns(e) {
			w.wake()
		}
	}
}

// Resume has every sale looked at now: this machine slept, or its clock was set, so
// that timers may come late. It never blocks.
func (s *Service) Resume() { s.wakeAll() }

// employ starts the worker of a sale; the caller holds mu.
func (s *Service) employ(sale Sale) {
	w := newWorker(s, sale)
	s.workers[sale.ID] = w
	s.over.Go(func() {
		w.run(s.life)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.workers[sale.ID] == w {
			delete(s.workers, sale.ID)
		}
	})
}

// newID is a random name, 80 bits, with a letter for its kind.
func newID(kind string) string { return kind + strings.ToLower(rand.Text()[:16]) }
