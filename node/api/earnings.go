package api

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// Book is what this account paid and received.
type Book interface {
	// Of is the money of a deal.
	Of(ctx context.Context, deal pdx.DealID) (model.Money, error)
	// List lists a page of days, months or deals.
	List(ctx context.Context, by model.Period, p model.Page) (model.Earnings, error)
	// Pool is what the book knows of a pool; ok is false if that is nothing.
	Pool(ctx context.Context, id pdx.PoolID) (p model.PoolText, price pdx.Amount, ok bool)
}

// ListEarnings lists what this account received and paid, by day, month or deal.
func (s *Service) ListEarnings(ctx context.Context, r *nodepb.ListEarningsRequest) (*nodepb.ListEarningsResponse, error) {
	page, err := toPage(r)
	if err != nil {
		return nil, err
	}
	e, err := s.book.List(ctx, cmp.Or(model.Period(r.By), model.ByDay), page)
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListEarningsResponse{
		Total: fromMoney(e.Total), Since: e.Since, Until: e.Last, Missed: e.Missed, NextCursor: e.Next,
	}
	for _, row := range e.List {
		res.Earnings = append(res.Earnings, &nodepb.Earning{
			Key: row.Key, Money: fromMoney(row.Money), DealId: uint64(row.Number), PoolId: uint64(row.Pool), Role: string(row.Role),
			Partner: string(row.Partner), Title: row.Title, State: string(row.State), Price: FromAmount(row.Price),
			First: timestamppb.New(row.First),
		})
	}
	return res, nil
}

// ListFees estimates the fee of each message of the chain.
func (s *Service) ListFees(context.Context, *nodepb.ListFeesRequest) (*nodepb.ListFeesResponse, error) {
	res := &nodepb.ListFeesResponse{}
	for name, fee := range s.ledger.Fees() {
		res.Fees = append(res.Fees, &nodepb.Fee{Message: name, Amount: FromAmount(fee)})
	}
	slices.SortFunc(res.Fees, func(a, b *nodepb.Fee) int { return cmp.Compare(a.Message, b.Message) })
	return res, nil
}

func fromMoney(m model.Money) *nodepb.Money {
	return &nodepb.Money{
		Fees: FromAmount(m.Fees), Paid: FromAmount(m.Paid), Price: FromAmount(m.Price), Rewards: FromAmount(m.Rewards),
		Commission: FromAmount(m.Commission), Refunds: FromAmount(m.Refunds), Slashed: FromAmount(m.Slashed),
		Net: m.Net(), Denom: pdx.Denom,
	}
}
