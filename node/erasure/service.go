package erasure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// Ledger reads deals.
type Ledger interface {
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
}

// Signer signs as the account.
type Signer interface {
	PublicKey() []byte
	Sign(message []byte) ([]byte, error)
}

// Sender reaches a buyer: see Client.Send.
type Sender interface {
	Send(ctx context.Context, to model.Erasure, r Request) (*model.ErasureAnswer, error)
}

// Records are what this buyer bought.
type Records interface {
	// Erase deletes the records of a deal from this machine; it is no error if they are gone.
	Erase(ctx context.Context, deal pdx.DealID) error
}

// Config is what a Service works with; all but Log and Now must be given.
type Config struct {
	ChainID string
	Account pdx.Address
	Table   *store.Table[model.Erasure] // with the indexes "Open" and "Deal"
	Ledger  Ledger
	Signer  Signer
	Sender  Sender
	Records Records
	Now     func() time.Time // nil takes time.Now
	Log     *slog.Logger     // nil is silent
}

// Service is the requests of one account, as seller and as buyer. It is safe for concurrent use.
type Service struct {
	Config
	mu   sync.Mutex // one change of a record at a time
	news notify.Signal

	tries map[string]try // of requests of this seller; used by Run only
}

// New returns a Service and starts nothing.
func New(c Config) (*Service, error) {
	if err := need.All(c, "Log", "Now"); err != nil {
		return nil, fmt.Errorf("erasure: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{Config: c, news: notify.New(), tries: map[string]try{}}, nil
}

// keyOf is the key of a request in the table: one for each deal and side.
func keyOf(role pdx.Role, deal pdx.DealID) string { return fmt.Sprintf("%s-%d", role, deal) }

func keyFor(e model.Erasure) string { return keyOf(e.Role, e.Deal) }

// Request asks the buyer of a deal of this seller to delete its records. The request is on
// disk when it returns, and is sent until it has an answer or lapses. A request that was
// made before is sent again at once, and returned as it stands.
//
// Errors: pdx.ErrInvalid for a reason that is too long or a deal of others, pdx.ErrWrongState
// for one whose buyer never had the key.
func (s *Service) Request(ctx context.Context, id pdx.DealID, reason string) (model.Erasure, error) {
	e, err := s.request(ctx, id, reason)
	if err != nil {
		return model.Erasure{}, fmt.Errorf("request the erasure of deal %v: %w", id, err)
	}
	s.news.Set()
	return e, nil
}

func (s *Service) request(ctx context.Context, id pdx.DealID, reason string) (model.Erasure, error) {
	if len(reason) > MaxText || !utf8.ValidString(reason) {
		return model.Erasure{}, fmt.Errorf("%w: the reason has at most %d bytes of UTF-8", pdx.ErrInvalid, MaxText)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, err := s.Table.Get(ctx, keyOf(pdx.RoleSeller, id))
	if !errors.Is(err, pdx.ErrNotFound) {
		return known, err
	}
	deal, err := s.Ledger.Deal(ctx, id)
	switch {
	case err != nil:
		return model.Erasure{}, err
	case deal.Seller != s.Account:
		return model.Erasure{}, fmt.Errorf("%w: its seller is %s", pdx.ErrInvalid, deal.Seller)
	case !opened(deal):
		return model.Erasure{}, fmt.Errorf("%w: it is %s, so its buyer has no key to the records and there is nothing to erase",
			pdx.ErrWrongState, deal.State)
	}
	asked := s.Now().UTC().Truncate(time.Second)
	statement := attest.ErasureRequestOf(s.ChainID, deal, asked.Unix(), reason)
	signature, err := s.Signer.Sign(statement.SignBytes())
	if err != nil {
		return model.Erasure{}, err
	}
	e := model.Erasure{
		Deal: id, Pool: deal.Pool, Role: pdx.RoleSeller, Seller: deal.Seller, Buyer: deal.Buyer, Root: deal.Dataset.Root,
		Asked: asked, Reason: reason, PublicKey: s.Signer.PublicKey(), Signature: signature, Open: true,
	}
	return e, s.Table.Put(ctx, keyFor(e), e)
}

// opened reports whether the buyer of a deal got its key.
func opened(d pdx.Deal) bool { return d.State == pdx.DealDelivered || d.State == pdx.DealFinal }

// List lists a page of the requests that this account made or was sent, by deal, and the cursor
// of the next page.
func (s *Service) List(ctx context.Context, p model.Page) ([]model.Erasure, string, error) {
	return s.Table.Page(ctx, store.Query{Field: "Deal", Limit: p.Limit, Reverse: p.Reverse}, p.Cursor)
}

// statementOf is what the seller signed of a request.
func (s *Service) statementOf(e model.Erasure) attest.ErasureRequest {
	return attest.ErasureRequest{
		ChainID: s.ChainID, Pool: e.Pool, Deal: e.Deal, Seller: e.Seller, Buyer: e.Buyer, Root: e.Root, Asked: e.Asked.Unix(),
		Reason: e.Reason, PublicKey: e.PublicKey, Signature: e.Signature,
	}
}

// answerOf is what the buyer signs of an answer.
func (s *Service) answerOf(e model.Erasure, a model.ErasureAnswer) attest.ErasureAnswer {
	return attest.ErasureAnswer{
		Request: s.statementOf(e), Erased: a.Erased, Answered: a.At.Unix(), Note: a.Note, PublicKey: a.PublicKey, Signature: a.Signature,
	}
}
