package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/consent"
	"github.com/medibloc/pdx/node/model"
)

// Consents makes records of what this seller agreed to.
type Consents interface {
	// Consent is the signed record of a sale's agreement, as JSON, with what the chain
	// recorded if a receipt is wanted.
	Consent(ctx context.Context, sale model.Sale, receipt bool) ([]byte, error)
}

// Erasures are requests to delete records, made by this account or sent to it.
type Erasures interface {
	Request(ctx context.Context, deal pdx.DealID, reason string) (model.Erasure, error)
	Answer(ctx context.Context, deal pdx.DealID, erased bool, note string) (model.Erasure, error)
	// List lists a page by deal, and the cursor of the next page.
	List(ctx context.Context, p model.Page) (list []model.Erasure, next string, err error)
}

// ListConsents lists what this seller agreed to, in the order of its sales. Sales that were
// not offered are left out, so a page may be short.
func (s *Service) ListConsents(ctx context.Context, r *nodepb.ListConsentsRequest) (*nodepb.ListConsentsResponse, error) {
	page, err := toPage(r)
	if err != nil {
		return nil, err
	}
	sales, next, err := s.seller.ListSales(ctx, page)
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListConsentsResponse{NextCursor: next}
	for _, sale := range sales {
		if sale.Deal == 0 {
			continue
		}
		money, err := s.book.Of(ctx, sale.Deal)
		if err != nil {
			return nil, err
		}
		view := fromConsent(sale)
		view.Money = fromMoney(money)
		res.Consents = append(res.Consents, view)
	}
	return res, nil
}

func fromConsent(s model.Sale) *nodepb.Consent {
	view := &nodepb.Consent{
		DealId: uint64(s.Deal), PoolId: uint64(s.Pool), Buyer: string(s.Terms.Buyer), State: string(s.State), Fields: s.Fields,
		Agreed: s.Agreed, Price: FromAmount(s.Terms.Price), TermsHash: hex.EncodeToString(s.Terms.TermsHash[:]),
		AgreedAt: timestamppb.New(s.Created), Withdrawn: atTime(s.ConsentWithdrawn),
	}
	if s.Text != nil {
		view.Title = s.Text.Title
		view.Purposes, view.Until = consent.Purposes(s.Text.Terms, s.Agreed), consent.Until(s.Text.Terms, s.Agreed)
	}
	return view
}

// GetConsent returns the signed record of one agreement.
func (s *Service) GetConsent(ctx context.Context, r *nodepb.GetConsentRequest) (*nodepb.GetConsentResponse, error) {
	sale, err := s.seller.SaleOf(ctx, pdx.DealID(r.DealId))
	if err != nil {
		return nil, fmt.Errorf("consent: %w", err)
	}
	document, err := s.consents.Consent(ctx, sale, r.Receipt)
	return &nodepb.GetConsentResponse{Document: document}, err
}

// WithdrawConsent records that the seller no longer agrees.
func (s *Service) WithdrawConsent(ctx context.Context, r *nodepb.WithdrawConsentRequest) (*nodepb.WithdrawConsentResponse, error) {
	end, err := s.seller.WithdrawConsent(ctx, pdx.DealID(r.DealId))
	if err != nil {
		return nil, fmt.Errorf("withdraw the consent: %w", err)
	}
	return &nodepb.WithdrawConsentResponse{
		Stopped: end.Stopped, State: string(end.State), Reason: end.Reason, Withdrawn: atTime(end.At),
	}, nil
}

// RequestErasure asks the buyer of a deal to delete its records.
func (s *Service) RequestErasure(ctx context.Context, r *nodepb.RequestErasureRequest) (*nodepb.RequestErasureResponse, error) {
	e, err := s.erasures.Request(ctx, pdx.DealID(r.DealId), r.Reason)
	if err != nil {
		return nil, err
	}
	view, err := s.fromErasure(ctx, e)
	return &nodepb.RequestErasureResponse{Erasure: view}, err
}

// ListErasures lists the requests that this node made or was sent.
func (s *Service) ListErasures(ctx context.Context, r *nodepb.ListErasuresRequest) (*nodepb.ListErasuresResponse, error) {
	page, err := toPage(r)
	if err != nil {
		return nil, err
	}
	list, next, err := s.erasures.List(ctx, page)
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListErasuresResponse{NextCursor: next}
	for _, e := range list {
		view, err := s.fromErasure(ctx, e)
		if err != nil {
			return nil, err
		}
		res.Erasures = append(res.Erasures, view)
	}
	return res, nil
}

// AnswerErasure answers a request to this buyer.
func (s *Service) AnswerErasure(ctx context.Context, r *nodepb.AnswerErasureRequest) (*nodepb.AnswerErasureResponse, error) {
	e, err := s.erasures.Answer(ctx, pdx.DealID(r.DealId), r.Erased, r.Note)
	if err != nil {
		return nil, err
	}
	view, err := s.fromErasure(ctx, e)
	return &nodepb.AnswerErasureResponse{Erasure: view}, err
}

// fromErasure is a request as a message has it; to its buyer with where the records lie.
func (s *Service) fromErasure(ctx context.Context, e model.Erasure) (*nodepb.Erasure, error) {
	view := &nodepb.Erasure{
		DealId: uint64(e.Deal), PoolId: uint64(e.Pool), Role: string(e.Role), Partner: string(e.Buyer), State: string(e.State(time.Now())),
		Asked: timestamppb.New(e.Asked), Lapses: timestamppb.New(e.Lapses()), Reached: atTime(e.Reached), Reason: e.Reason, Trouble: e.Trouble,
	}
	if a := e.Answer; a != nil {
		view.Answered, view.Note = timestamppb.New(a.At), a.Note
	}
	if e.Role != pdx.RoleBuyer {
		return view, nil
	}
	view.Partner = string(e.Seller)
	p, known, err := s.buyer.Pulled(ctx, e.Deal)
	if known && p.Opened != nil {
		view.Path = p.Opened.Path
	}
	return view, err
}

// atTime is a time that may be unset.
func atTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
