package api

import (
	"context"
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// ListDeals lists deals of the chain.
func (s *Service) ListDeals(ctx context.Context, r *nodepb.ListDealsRequest) (*nodepb.ListDealsResponse, error) {
	const most = uint64(math.MaxInt64 / time.Second)
	if r.DueSeconds > most {
		return nil, fmt.Errorf("due in %d s: %w: %d at the most", r.DueSeconds, pdx.ErrInvalid, most)
	}
	deals, next, err := s.ledger.Deals(ctx, pdx.DealFilter{
		Pool: pdx.PoolID(r.PoolId), Seller: pdx.Address(r.Seller), Buyer: pdx.Address(r.Buyer), Validator: pdx.Address(r.Validator),
		State: pdx.DealState(r.State), Due: time.Duration(r.DueSeconds) * time.Second,
		Reverse: r.Reverse, Limit: int(r.Limit), Cursor: r.Cursor,
	})
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListDealsResponse{NextCursor: next}
	for _, d := range deals {
		res.Deals = append(res.Deals, FromDeal(d))
	}
	return res, nil
}

// GetDeal shows one deal with its history.
func (s *Service) GetDeal(ctx context.Context, r *nodepb.GetDealRequest) (*nodepb.GetDealResponse, error) {
	deal, err := s.ledger.Deal(ctx, pdx.DealID(r.Id))
	if err != nil {
		return nil, err
	}
	view := FromDeal(deal)
	pool, err := s.ledger.Pool(ctx, deal.Pool)
	if err != nil {
		return nil, err
	}
	for _, a := range pool.Agreements(deal) {
		view.Agreements = append(view.Agreements, &nodepb.Agreement{Term: fromTerm(a.Term), Agreed: a.Agreed})
	}
	p, ok, err := s.buyer.Pulled(ctx, deal.ID)
	if err != nil {
		return nil, err
	}
	if ok {
		view.Pulled = fromPull(p)
	}
	return &nodepb.GetDealResponse{Deal: view}, nil
}

// GetReceipt proves what the chain recorded of a deal.
func (s *Service) GetReceipt(ctx context.Context, r *nodepb.GetReceiptRequest) (*nodepb.GetReceiptResponse, error) {
	document, err := s.ledger.Receipt(ctx, pdx.DealID(r.DealId))
	return &nodepb.GetReceiptResponse{Document: document}, err
}

// ChallengeDeal has the validators that promised a deal's ciphertext show some of it.
func (s *Service) ChallengeDeal(ctx context.Context, r *nodepb.ChallengeDealRequest) (*nodepb.ChallengeDealResponse, error) {
	sent, err := s.buyer.Challenge(ctx, pdx.DealID(r.Id), r.Chunks)
	if err != nil {
		return nil, err
	}
	return &nodepb.ChallengeDealResponse{Number: sent.Number, Chunks: sent.Chunks, Fee: FromAmount(sent.Fee)}, nil
}

// Withdraw pays out this account's balance.
func (s *Service) Withdraw(ctx context.Context, _ *nodepb.WithdrawRequest) (*nodepb.WithdrawResponse, error) {
	amount, err := s.ledger.Withdraw(ctx)
	return &nodepb.WithdrawResponse{Amount: FromAmount(amount)}, err
}

// FromDeal is a deal as a message has it.
func FromDeal(d pdx.Deal) *nodepb.Deal {
	view := &nodepb.Deal{
		Id: uint64(d.ID), PoolId: uint64(d.Pool), Seller: string(d.Seller), Buyer: string(d.Buyer),
		State: string(d.State), Price: FromAmount(d.Price), Deposit: FromAmount(d.Deposit),
		VerdictReward: FromAmount(d.Reward), Stake: FromAmount(d.Stake), Root: d.Dataset.Root.String(),
		Size: d.Dataset.Size, Fields: d.Fields, DeadlineHeight: d.DeadlineHeight, DeadlineTime: timestamppb.New(d.DeadlineTime),
	}
	if r := d.Draw; r != nil {
		view.Draw = &nodepb.DealDraw{Count: r.Count, Candidates: uint32(len(r.Candidates)), Height: r.Height, Revealed: r.Revealed}
	}
	for _, c := range d.Certificates {
		view.Certificates = append(view.Certificates, fromCertificate(c))
	}
	view.Shares = fromShares(d.Shares)
	for _, h := range d.History {
		view.History = append(view.History, &nodepb.Step{State: string(h.State), Height: h.Height, Time: timestamppb.New(h.Time)})
	}
	if c := d.Challenge; c != nil {
		view.Challenge = &nodepb.DealChallenge{
			Number: c.Number, Of: d.MaxChallenges, State: string(c.State), Fee: FromAmount(c.Fee), AnsweredBy: string(c.AnsweredBy),
			DeadlineTime: timestamppb.New(c.DeadlineTime), Chunks: c.Chunks,
		}
	}
	if c := d.Conviction; c != nil {
		view.Conviction = &nodepb.Conviction{
			Kind: string(c.Kind), Segment: c.Segment, Slashed: fromShares(c.Slashed), Compensation: FromAmount(c.Compensation),
			Refund: FromAmount(d.Refund()),
		}
	}
	return view
}

func fromShares(shares []pdx.Share) (list []*nodepb.Share) {
	for _, s := range shares {
		list = append(list, &nodepb.Share{Address: string(s.Address), Amount: FromAmount(s.Amount)})
	}
	return list
}

func fromCertificate(c pdx.Certificate) *nodepb.Certificate {
	view := &nodepb.Certificate{Validator: string(c.Validator), Accepted: c.Accepted, Height: c.Height}
	if !c.Accepted {
		view.Reason = c.Reason.String()
	}
	return view
}
