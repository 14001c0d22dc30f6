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
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/node/adopt"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// Config is what a Service works with; all but Log, Formats, Engine, Seed, OneCopyFrom
// and KeepDisclosed must be given.
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
	Sales      Table[model.Sale]
	Data       Table[model.Data]
	Secrets    Secrets
	Marks      adopt.Marks
	Log        *slog.Logger

	// Formats are the formats of data that it sells; nil takes criteria.Formats.
	Formats *format.Registry

	// Engine parses them; nil takes criteria.InProcess.
	Engine criteria.Engine

	// Seed makes the seed of all dataset keys where none is stored; nil takes a
	// random one, which is lost with the database.
	Seed func(ctx context.Context) (seal.Seed, error)

	// OneCopyFrom is the size in bytes from which on disclosed records are not
	// kept a second time, sealed, but sealed again whenever they are served; 0
	// seals all into a copy.
	OneCopyFrom uint64

	// KeepDisclosed keeps the disclosed records of sales that are over; without it they are
	// deleted, as the ciphertext is.
	KeepDisclosed bool
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
	sales      Table[model.Sale]
	data       Table[model.Data]
	secrets    Secrets
	marks      adopt.Marks
	newSeed    func(ctx context.Context) (seal.Seed, error)
	formats    *format.Registry
	engine     criteria.Engine
	log        *slog.Logger

	oneCopyFrom   uint64
	onePassFrom   uint64
	keepDisclosed bool
	adoption      *adopt.Runner

	ordersMu  sync.Mutex    // one order or registration at a time, so that none comes twice
	seedMu    sync.Mutex    // one maker of the seed
	changesMu sync.Mutex    // one change of a sale at a time
	heavy     chan struct{} // holds a token for each sale that is read or sealed now

	feed    *feed
	folders *records.Cache
	asks    askQueues
	sealed  sealedDatasets

	life lifecycle.Group

	workers *workers
	damaged damagedSales
	second  againBlobs
	// inherited are the sales that an earlier process left unsealed; written by Start only.
	inherited map[string]bool
}

// New wires a Service and starts nothing.
func New(c Config) (*Service, error) {
	if err := need.All(c, "Log", "Formats", "Engine", "Seed", "OneCopyFrom", "KeepDisclosed"); err != nil {
		return nil, fmt.Errorf("seller: %w", err)
	}
	if !filepath.IsAbs(c.Folder) {
		return nil, fmt.Errorf("seller: %w: folder %q is not an absolute path", pdx.ErrInvalid, c.Folder)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Formats == nil {
		c.Formats = criteria.Formats()
	}
	if c.Engine == nil {
		c.Engine = criteria.InProcess(c.Formats)
	}
	if c.Seed == nil {
		c.Seed = func(context.Context) (seal.Seed, error) { return seal.NewSeed(), nil }
	}
	s := &Service{
		chainID: c.ChainID, account: c.Account, folder: c.Folder, ledger: c.Ledger, prover: c.Prover, wallet: c.Wallet,
		documents: c.Documents, blobs: c.Blobs, validators: c.Validators, sales: c.Sales, data: c.Data,
		secrets: c.Secrets, marks: c.Marks, newSeed: c.Seed, formats: c.Formats, engine: c.Engine, log: c.Log,
		sealed: sealedDatasets{
			ofSale: map[string]*sealed{},
		}, inherited: map[string]bool{}, oneCopyFrom: c.OneCopyFrom, onePassFrom: onePassFrom, keepDisclosed: c.KeepDisclosed,
		heavy: make(chan struct{}, heavySales), feed: newFeed(), folders: records.NewCache(), asks: newAskQueues(), workers: newWorkers(),
	}
	var err error
	s.adoption, err = adopt.New(adopt.Config{Compare: s.adoptDeals, Log: c.Log})
	return s, err
}

// Start resumes all sales that have not ended, until Stop. It may be called once.
func (s *Service) Start(ctx context.Context) error {
	var sales []model.Sale
	err := s.life.Start(ctx, func() (err error) {
		sales, err = s.load(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("start seller: %w", err)
	}
	for _, sale := range sales {
		if sale.Dataset == nil && live(sale) {
			s.inherited[sale.ID] = true
		}
	}
	s.sealed.begin()
	s.life.Go(s.sealed.end)
	for _, sale := range sales {
		s.employ(sale)
	}
	s.life.Go(s.adoption.Run)
	return nil
}

// load reads the sales of earlier processes that are not settled.
func (s *Service) load(ctx context.Context) ([]model.Sale, error) {
	if err := durable.MkdirAll(s.folder); err != nil {
		return nil, err
	}
	if err := records.Sweep(s.folder); err != nil {
		return nil, err
	}
	sales, err := s.sales.Find(ctx, "Settled", false)
	if err != nil {
		return nil, err
	}
	for i, sale := range sales {
		sales[i] = s.movedHere(ctx, sale)
		s.feed.set(sales[i])
	}
	return sales, nil
}

// Stop ends all work in hand, which Start resumes, and waits for it, at most until
// ctx ends. It is idempotent.
func (s *Service) Stop(ctx context.Context) error {
	if err := s.life.Stop(ctx); err != nil {
		return fmt.Errorf("stop seller: %w", err)
	}
	return nil
}

// Wake says that something may have changed on chain: it wakes the sale of the deal
// that the event names, or, for a pool's change of status, the sales that have yet to
// offer there. It never blocks.
func (s *Service) Wake(e pdx.Event) { s.workers.wake(e) }

// Resume has every sale looked at now: this machine slept, or its clock was set, so
// that timers may come late. It never blocks.
func (s *Service) Resume() { s.workers.wakeAll() }

// newID is a random name, 80 bits, with a letter for its kind.
func newID(kind string) string { return kind + strings.ToLower(rand.Text()[:16]) }
