package api

import (
	"context"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// CreatePool opens a pool; the same request id never opens two.
func (s *Service) CreatePool(ctx context.Context, r *nodepb.CreatePoolRequest) (*nodepb.CreatePoolResponse, error) {
	request, err := toPoolRequest(r)
	if err != nil {
		return nil, err
	}
	pool, err := s.buyer.CreatePool(ctx, request)
	if err != nil {
		return nil, err
	}
	return &nodepb.CreatePoolResponse{Pool: fromPool(pool)}, nil
}

func toPoolRequest(r *nodepb.CreatePoolRequest) (model.PoolRequest, error) {
	price, err := ToAmount(r.Price)
	if err != nil {
		return model.PoolRequest{}, fmt.Errorf("price: %w", err)
	}
	var reward *pdx.Amount
	if r.VerdictReward != nil {
		amount, err := ToAmount(r.VerdictReward)
		if err != nil {
			return model.PoolRequest{}, fmt.Errorf("verdict reward: %w", err)
		}
		reward = &amount
	}
	if r.RequestId == "" {
		return model.PoolRequest{}, fmt.Errorf("request id: %w: it is needed, so that a repeated call opens one pool only", pdx.ErrInvalid)
	}
	request := model.PoolRequest{
		RequestID: r.RequestId, Title: r.Title, Criteria: r.Criteria, Schemas: r.Schemas, Price: price,
		TargetCount: r.TargetCount, Certificates: r.RequiredCertificates, Deadlines: toDeadlines(r.Deadlines),
		Life: time.Duration(r.ExpirySeconds) * time.Second, Validators: toAddresses(r.Validators),
		AckMode: pdx.AckMode(r.AckMode), Draw: r.DrawCount, Reward: reward, MaxDataset: r.MaxDatasetBytes,
		AllowDuplicates: r.AllowDuplicates, MaxOverlap: r.MaxOverlapPpm,
	}
	for _, t := range r.Terms {
		request.Terms = append(request.Terms, pdx.Term{ID: t.Id, Required: t.Required, Title: t.Title, Description: t.Description})
	}
	return request, nil
}

// ClosePool ends a pool of this account, or says what that would cost.
func (s *Service) ClosePool(ctx context.Context, r *nodepb.ClosePoolRequest) (*nodepb.ClosePoolResponse, error) {
	request := model.ClosePool{ID: pdx.PoolID(r.Id), DryRun: r.DryRun}
	if r.MaxCost != nil {
		most, err := ToAmount(r.MaxCost)
		if err != nil {
			return nil, fmt.Errorf("greatest cost: %w", err)
		}
		request.MaxCost = &most
	}
	closed, err := s.buyer.ClosePool(ctx, request)
	if err != nil {
		return nil, err
	}
	return &nodepb.ClosePoolResponse{
		Refund: FromAmount(closed.Refund), Cost: FromAmount(closed.Cost), Extra: FromAmount(closed.Extra),
	}, nil
}

func toAddresses(list []string) []pdx.Address {
	var out []pdx.Address
	for _, a := range list {
		out = append(out, pdx.Address(a))
	}
	return out
}
