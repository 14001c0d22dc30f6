package market

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/procs"
)

// SellOn has every seller sell one dataset after the other into one of the pools after
// the other, until stop.
func (m *Market) SellOn(seed uint64, pools ...uint64) (stop func() error) {
	ctx, cancel := context.WithCancel(m.T.Context())
	var work sync.WaitGroup
	failed := make([]error, len(m.Sellers))
	for i, s := range m.Sellers {
		work.Go(func() {
			for round := 0; ctx.Err() == nil && failed[i] == nil; round++ {
				pool := pools[(round+i)%len(pools)]
				failed[i] = sellOne(ctx, m, s, pool, fmt.Sprintf("round-%d", round), seed+uint64(1000*round+i))
			}
		})
	}
	return func() error {
		cancel()
		work.Wait()
		return errors.Join(failed...)
	}
}

// saleLook is how often a sale is looked at: all sales of a node are read for it.
const saleLook = 500 * time.Millisecond

// sellOne sells one dataset and waits for its end. Whoever it speaks to may be
// down at any moment, so it says all again until it is heard. It returns when
// ctx ends, without an error. A sale that fails before it is a deal is one.
func sellOne(ctx context.Context, m *Market, seller *procs.Member, pool uint64, name string, seed uint64) error {
	path, err := m.WriteSample(seller, name, sample.Options{Kind: sample.Patient, Patients: 200, Seed: seed})
	if err != nil {
		return err
	}
	var (
		id   string
		sale *nodepb.Sale
	)
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return addOnce(ctx, seller, name, path) },
		func(ctx context.Context) error {
			res, err := seller.Client().Sell(ctx, &nodepb.SellRequest{PoolId: pool, DataId: name, Agreed: []uint32{1}})
			if err == nil {
				id = res.Sale.Id
			}
			return err
		},
		func(ctx context.Context) (err error) {
			sale, err = SaleOf(ctx, seller, id)
			if err == nil && !model.SaleState(sale.State).Ended() {
				return stateOf(seller, sale)
			}
			return err
		},
	}
	for _, step := range steps {
		if err := pollEvery(ctx, saleLook, step); err != nil {
			return nil // ctx ended
		}
	}
	if sale.State == string(model.SaleFailed) {
		return stateOf(seller, sale)
	}
	return nil
}

// addOnce registers data unless an earlier try did.
func addOnce(ctx context.Context, seller *procs.Member, name, path string) error {
	_, err := seller.Client().GetData(ctx, &nodepb.GetDataRequest{Id: name})
	if !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	_, err = api.AddData(ctx, seller.Client(), &nodepb.AddDataRequest{Path: path, Name: name}, nil)
	return err
}

// stateOf says how far a sale is.
func stateOf(seller *procs.Member, sale *nodepb.Sale) error {
	return fmt.Errorf("%s: sale %s of deal %d is %s (%s)", seller.Name, sale.Id, sale.DealId, sale.State, sale.Reason)
}
