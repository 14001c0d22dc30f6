package api

import (
	"context"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

const (
	// pageDefault and pageMost are how many entries a page of a list has: without a limit,
	// and at the most. A sale has some KiB.
	pageDefault = 100
	pageMost    = 1000
)

// pageRequest is the request of a list.
type pageRequest interface {
	GetLimit() uint32
	GetCursor() string
	GetReverse() bool
}

// toPage reads which part of a list is asked for.
func toPage(r pageRequest) (model.Page, error) {
	p := model.Page{Limit: int(r.GetLimit()), Cursor: r.GetCursor(), Reverse: r.GetReverse()}
	switch {
	case r.GetLimit() > pageMost:
		return p, fmt.Errorf("limit %d: %w: %d at the most", r.GetLimit(), pdx.ErrInvalid, pageMost)
	case p.Limit == 0:
		p.Limit = pageDefault
	}
	return p, nil
}

// pruneRequest is the request to forget a part of the history.
type pruneRequest interface {
	GetOlderThanSeconds() uint64
	GetDryRun() bool
	GetCursor() string
}

func toPrune(r pruneRequest) (model.Prune, error) {
	const most = uint64(100 * 365 * 24 * time.Hour / time.Second)
	if r.GetOlderThanSeconds() > most {
		return model.Prune{}, fmt.Errorf("older than %d s: %w: %d at the most", r.GetOlderThanSeconds(), pdx.ErrInvalid, most)
	}
	before := time.Now().Add(-time.Duration(r.GetOlderThanSeconds()) * time.Second)
	return model.Prune{Before: before, DryRun: r.GetDryRun(), Limit: pageMost, Cursor: r.GetCursor()}, nil
}

// AllSales lists all sales, page by page.
func AllSales(ctx context.Context, client Client, r *nodepb.ListSalesRequest) (*nodepb.ListSalesResponse, error) {
	all := &nodepb.ListSalesResponse{}
	next, err := eachPage(r.Cursor, func(cursor string) (string, error) {
		res, err := client.ListSales(ctx, &nodepb.ListSalesRequest{Limit: pageMost, Reverse: r.Reverse, Cursor: cursor})
		all.Sales = append(all.Sales, res.GetSales()...)
		return res.GetNextCursor(), err
	})
	all.NextCursor = next
	return all, err
}

// AllPulls lists all pulls, page by page.
func AllPulls(ctx context.Context, client Client, r *nodepb.ListPullsRequest) (*nodepb.ListPullsResponse, error) {
	all := &nodepb.ListPullsResponse{}
	next, err := eachPage(r.Cursor, func(cursor string) (string, error) {
		res, err := client.ListPulls(ctx, &nodepb.ListPullsRequest{
			PoolId: r.PoolId, Limit: pageMost, Reverse: r.Reverse, Cursor: cursor,
		})
		all.Pulls = append(all.Pulls, res.GetPulls()...)
		return res.GetNextCursor(), err
	})
	all.NextCursor = next
	return all, err
}

// AllConsents lists all consents, page by page.
func AllConsents(ctx context.Context, client Client, r *nodepb.ListConsentsRequest) (*nodepb.ListConsentsResponse, error) {
	all := &nodepb.ListConsentsResponse{}
	next, err := eachPage(r.Cursor, func(cursor string) (string, error) {
		res, err := client.ListConsents(ctx, &nodepb.ListConsentsRequest{Limit: pageMost, Reverse: r.Reverse, Cursor: cursor})
		all.Consents = append(all.Consents, res.GetConsents()...)
		return res.GetNextCursor(), err
	})
	all.NextCursor = next
	return all, err
}

// AllErasures lists all requests for erasure, page by page.
func AllErasures(ctx context.Context, client Client, r *nodepb.ListErasuresRequest) (*nodepb.ListErasuresResponse, error) {
	all := &nodepb.ListErasuresResponse{}
	next, err := eachPage(r.Cursor, func(cursor string) (string, error) {
		res, err := client.ListErasures(ctx, &nodepb.ListErasuresRequest{Limit: pageMost, Reverse: r.Reverse, Cursor: cursor})
		all.Erasures = append(all.Erasures, res.GetErasures()...)
		return res.GetNextCursor(), err
	})
	all.NextCursor = next
	return all, err
}

// AllEarnings lists all earnings of a kind, page by page.
func AllEarnings(ctx context.Context, client Client, r *nodepb.ListEarningsRequest) (*nodepb.ListEarningsResponse, error) {
	all := &nodepb.ListEarningsResponse{}
	next, err := eachPage(r.Cursor, func(cursor string) (string, error) {
		res, err := client.ListEarnings(ctx, &nodepb.ListEarningsRequest{By: r.By, Limit: pageMost, Reverse: r.Reverse, Cursor: cursor})
		if err == nil {
			all.Total, all.Since, all.Until, all.Missed = res.Total, res.Since, res.Until, res.Missed
		}
		all.Earnings = append(all.Earnings, res.GetEarnings()...)
		return res.GetNextCursor(), err
	})
	all.NextCursor = next
	return all, err
}

// AllData lists all data, page by page.
func AllData(ctx context.Context, client Client, r *nodepb.ListDataRequest) (*nodepb.ListDataResponse, error) {
	all := &nodepb.ListDataResponse{}
	next, err := eachPage(r.Cursor, func(cursor string) (string, error) {
		res, err := client.ListData(ctx, &nodepb.ListDataRequest{Limit: pageMost, Reverse: r.Reverse, Cursor: cursor})
		all.Data = append(all.Data, res.GetData()...)
		return res.GetNextCursor(), err
	})
	all.NextCursor = next
	return all, err
}

// eachPage reads pages from a cursor on, to the end.
func eachPage(cursor string, read func(cursor string) (next string, err error)) (next string, err error) {
	for {
		if cursor, err = read(cursor); err != nil || cursor == "" {
			return cursor, err
		}
	}
}
