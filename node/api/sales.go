package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// PreviewSale streams how far it is, and then what a sale would disclose, cost and pay.
func (s *Service) PreviewSale(ctx context.Context, r *nodepb.PreviewSaleRequest,
	stream *connect.ServerStream[nodepb.PreviewSaleResponse],
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	res, err := s.Preview(ctx, r, func(p pdx.Progress) {
		if err := stream.Send(&nodepb.PreviewSaleResponse{Step: string(p.Stage), Done: p.Done, Work: p.Total}); err != nil {
			cancel(err)
		}
	})
	if err != nil {
		return err
	}
	return stream.Send(res)
}

// Preview returns what a sale would disclose, cost and pay, and reports now and then how
// far it is. It is PreviewSale for callers of the same process.
func (s *Service) Preview(
	ctx context.Context,
	r *nodepb.PreviewSaleRequest,
	report func(pdx.Progress),
) (*nodepb.PreviewSaleResponse, error) {
	order := model.Order{
		Pool: pdx.PoolID(r.PoolId), Data: r.DataId, Fields: r.Fields, Optional: r.Optional, SkipInvalid: r.SkipInvalid,
	}
	p, err := s.seller.Preview(ctx, order, report)
	if err != nil {
		return nil, err
	}
	commission, err := s.mostEarned(ctx, p)
	if err != nil {
		return nil, err
	}
	fees := s.ledger.SaleFees()
	return &nodepb.PreviewSaleResponse{
		Commission: FromAmount(commission), Fees: FromAmount(fees), Net: FromAmount(p.Price - min(p.Price, commission+fees)),
		Pool: fromPool(p.Pool), Fields: p.Fields, Records: p.Records, Deposit: FromAmount(p.Deposit),
		Price: FromAmount(p.Price), Findings: fromFindings(p.Findings), FindingsTotal: p.Total, Sample: p.Sample,
		Withheld: p.Withheld, Broken: p.Broken, ByRule: fromCounts(p.ByRule), Skipped: p.Skipped, Samples: p.Samples,
		Notes: p.Notes,
	}, nil
}

// fromCounts are counts by rule, the largest first.
func fromCounts(counts map[string]uint64) (list []*nodepb.RuleCount) {
	for rule, n := range counts {
		list = append(list, &nodepb.RuleCount{Rule: rule, Records: n})
	}
	slices.SortFunc(list, func(a, b *nodepb.RuleCount) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Rule, b.Rule))
	})
	return list
}

// mostEarned returns the largest part of the price that validators may get: a reward for each
// verdict, and what those with the highest commissions take of the rest, as many as must
// accept.
func (s *Service) mostEarned(ctx context.Context, p model.Preview) (pdx.Amount, error) {
	var rates []uint64
	for _, address := range p.Validators {
		v, err := s.validators.Validator(ctx, address)
		if err != nil {
			return 0, err
		}
		rates = append(rates, uint64(v.Commission))
	}
	slices.Sort(rates)
	slices.Reverse(rates)
	var sum uint64
	for _, rate := range rates[:min(len(rates), int(p.Pool.Certificates))] {
		sum += rate
	}
	sum = min(sum, basisPoints)
	rewards, err := p.Pool.Reward.Times(p.Pool.Verdicts())
	if err != nil || rewards > p.Price {
		return 0, fmt.Errorf("%w: the rewards of pool %v exceed its price", pdx.ErrCorrupt, p.Pool.ID)
	}
	rest := uint64(p.Price - p.Pool.Reward*pdx.Amount(min(uint64(p.Pool.Certificates), p.Pool.Verdicts())))
	return min(p.Price, rewards+pdx.Amount(rest/basisPoints*sum+rest%basisPoints*sum/basisPoints)), nil
}

// basisPoints are the whole of a price.
const basisPoints = 10_000

// Sell starts a sale, or returns the one under way.
func (s *Service) Sell(ctx context.Context, r *nodepb.SellRequest) (*nodepb.SellResponse, error) {
	var maxDeposit *pdx.Amount
	if r.MaxDeposit != nil {
		most, err := ToAmount(r.MaxDeposit)
		if err != nil {
			return nil, fmt.Errorf("max deposit: %w", err)
		}
		maxDeposit = &most
	}
	sale, err := s.seller.Sell(ctx, model.Order{
		Pool: pdx.PoolID(r.PoolId), Data: r.DataId, Fields: r.Fields, Optional: r.Optional, Agreed: r.Agreed,
		Validators: toAddresses(r.Validators), Unchecked: r.Unchecked, Unlisted: r.Unlisted, SkipInvalid: r.SkipInvalid, Skipped: r.Skipped,
		MaxDeposit: maxDeposit,
	})
	if err != nil {
		return nil, err
	}
	return &nodepb.SellResponse{Sale: fromSale(sale)}, nil
}

// CancelSale withdraws the offer of a deal.
func (s *Service) CancelSale(ctx context.Context, r *nodepb.CancelSaleRequest) (*nodepb.CancelSaleResponse, error) {
	if err := s.seller.Cancel(ctx, pdx.DealID(r.DealId)); err != nil {
		return nil, err
	}
	return &nodepb.CancelSaleResponse{}, nil
}

// ListSales lists this seller's sales, oldest first.
func (s *Service) ListSales(ctx context.Context, r *nodepb.ListSalesRequest) (*nodepb.ListSalesResponse, error) {
	page, err := toPage(r)
	if err != nil {
		return nil, err
	}
	sales, next, err := s.seller.ListSales(ctx, page)
	if err != nil {
		return nil, err
	}
	res, names := &nodepb.ListSalesResponse{NextCursor: next}, map[string]string{}
	for _, sale := range sales {
		view, err := s.fullSale(ctx, sale, names)
		if err != nil {
			return nil, err
		}
		res.Sales = append(res.Sales, view)
	}
	return res, nil
}

// GetSale shows one sale.
func (s *Service) GetSale(ctx context.Context, r *nodepb.GetSaleRequest) (*nodepb.GetSaleResponse, error) {
	sale, err := s.seller.SaleOf(ctx, pdx.DealID(r.DealId))
	if err != nil {
		return nil, fmt.Errorf("sale: %w", err)
	}
	view, err := s.fullSale(ctx, sale, map[string]string{})
	return &nodepb.GetSaleResponse{Sale: view}, err
}

// fullSale is a sale with the name of its data and its money. names are of data that were read.
func (s *Service) fullSale(ctx context.Context, sale model.Sale, names map[string]string) (*nodepb.Sale, error) {
	view := fromSale(sale)
	if _, known := names[sale.Data]; !known && sale.Data != "" {
		name, err := s.seller.DataName(ctx, sale.Data)
		if err != nil {
			return nil, err
		}
		names[sale.Data] = name
	}
	view.DataName = names[sale.Data]
	money, err := s.book.Of(ctx, sale.Deal)
	view.Money = fromMoney(money)
	return view, err
}

// PruneSales forgets sales of long ago.
func (s *Service) PruneSales(ctx context.Context, r *nodepb.PruneSalesRequest) (*nodepb.PruneSalesResponse, error) {
	prune, err := toPrune(r)
	if err != nil {
		return nil, err
	}
	gone, err := s.seller.PruneSales(ctx, prune)
	if err != nil {
		return nil, err
	}
	res := &nodepb.PruneSalesResponse{Kept: uint64(gone.Kept), Files: uint64(gone.Files), Bytes: gone.Bytes, NextCursor: gone.Next}
	for _, sale := range gone.Sales {
		res.Sales = append(res.Sales, fromSale(sale))
	}
	return res, nil
}

func fromSale(s model.Sale) *nodepb.Sale {
	view := &nodepb.Sale{
		Id: s.ID, PoolId: uint64(s.Pool), DealId: uint64(s.Deal), DataId: s.Data, State: string(s.State), Reason: s.Reason,
		Fields: s.Fields, Disclosed: s.Disclosed, Agreed: s.Agreed, Price: FromAmount(s.Terms.Price), Buyer: string(s.Terms.Buyer),
		Created: timestamppb.New(s.Created), Updated: timestamppb.New(s.Updated),
		Step: string(s.Progress.Stage), Done: s.Progress.Done, Work: s.Progress.Total, Skipped: uint64(len(s.Left)),
	}
	if s.Text != nil {
		view.Title = s.Text.Title
	}
	if s.Dataset != nil {
		view.Root, view.Size = s.Dataset.Root.String(), s.Dataset.Size
	}
	for _, c := range s.Checks {
		view.Checks = append(view.Checks, &nodepb.Check{
			Validator: string(c.Validator), Stage: string(c.Stage), Accepted: c.Accepted, Message: c.Message, Findings: fromFindings(c.Findings),
			FindingsTotal: c.Total,
		})
	}
	return view
}

func fromFindings(list []pdx.Finding) []*nodepb.Finding {
	var out []*nodepb.Finding
	for _, f := range list {
		out = append(out, &nodepb.Finding{Record: f.Record, Path: f.Path, Rule: f.Rule})
	}
	return out
}
