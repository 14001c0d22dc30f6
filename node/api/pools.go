package api

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// ListPools lists pools of the chain.
func (s *Service) ListPools(ctx context.Context, r *nodepb.ListPoolsRequest) (*nodepb.ListPoolsResponse, error) {
	least, err := ToAmount(r.MinPrice)
	if err != nil {
		return nil, fmt.Errorf("min_price: %w", err)
	}
	most, err := ToAmount(r.MaxPrice)
	if err != nil {
		return nil, fmt.Errorf("max_price: %w", err)
	}
	pools, next, err := s.ledger.Pools(ctx, pdx.PoolFilter{
		Status: pdx.PoolStatus(r.Status), Buyer: pdx.Address(r.Buyer),
		MinPrice: least, MaxPrice: most, MediaType: r.MediaType,
		Reverse: r.Reverse, Limit: int(r.Limit), Cursor: r.Cursor,
	})
	if err != nil {
		return nil, err
	}
	res := &nodepb.ListPoolsResponse{NextCursor: next}
	for _, p := range pools {
		res.Pools = append(res.Pools, fromPool(p))
	}
	return res, nil
}

// GetPool shows one pool, with its criteria if they can be had.
func (s *Service) GetPool(ctx context.Context, r *nodepb.GetPoolRequest) (*nodepb.GetPoolResponse, error) {
	pool, err := s.ledger.Pool(ctx, pdx.PoolID(r.Id))
	if err != nil {
		return nil, err
	}
	view := fromPool(pool)
	ctx, cancel := context.WithTimeout(ctx, criteriaPatience)
	defer cancel()
	if criteria, err := s.node.Criteria(ctx, pool); err == nil {
		view.Criteria = criteria // a buyer that is away does not hide its pool
	}
	return &nodepb.GetPoolResponse{Pool: view}, nil
}

// criteriaPatience is how long showing a pool waits for its buyer's machine.
const criteriaPatience = 5 * time.Second

func fromPool(p pdx.Pool) *nodepb.Pool {
	view := &nodepb.Pool{
		Id: uint64(p.ID), Title: p.Title, Buyer: string(p.Buyer), Status: string(p.Status), Price: FromAmount(p.Price),
		TargetCount: p.TargetCount, ReservedCount: p.ReservedCount, DeliveredCount: p.DeliveredCount,
		Escrow: FromAmount(p.Escrow), CriteriaCid: p.Criteria.String(), MediaType: p.MediaType,
		RequiredCertificates: p.Certificates, Deadlines: fromDeadlines(p.Deadlines), Expiry: timestamppb.New(p.Expiry),
		AckMode: string(p.AckMode), DrawCount: p.Draw, VerdictReward: FromAmount(p.Reward), MaxDatasetBytes: p.MaxDataset,
		RefusesDuplicates: p.RefusesDuplicates(), MaxOverlapPpm: p.MaxOverlap,
	}
	for _, v := range p.Validators {
		view.Validators = append(view.Validators, string(v))
	}
	for _, t := range p.Terms {
		view.Terms = append(view.Terms, fromTerm(t))
	}
	return view
}

func fromDeadlines(d pdx.Deadlines) *nodepb.Deadlines {
	seconds := func(d time.Duration) uint64 { return uint64(d / time.Second) }
	return &nodepb.Deadlines{Certify: seconds(d.Certify), Ack: seconds(d.Ack), Key: seconds(d.Key), Dispute: seconds(d.Dispute)}
}

func toDeadlines(d *nodepb.Deadlines) pdx.Deadlines {
	seconds := func(n uint64) time.Duration { return time.Duration(n) * time.Second }
	return pdx.Deadlines{
		Certify: seconds(d.GetCertify()), Ack: seconds(d.GetAck()), Key: seconds(d.GetKey()),
		Dispute: seconds(d.GetDispute()),
	}
}

func fromTerm(t pdx.Term) *nodepb.Term {
	return &nodepb.Term{Id: t.ID, Required: t.Required, Title: t.Title, Description: t.Description}
}
