package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// setUp makes and starts all nodes at once, and gives them money.
func (d *demo) setUp(ctx context.Context) error {
	names := []string{"buyer", "validator-1", "validator-2", "seller-1", "seller-2"}
	for _, name := range names {
		if _, err := d.fleet.Add(ctx, name); err != nil {
			return err
		}
	}
	members := d.fleet.Members()
	d.buyer, d.checks, d.seller = members[0], members[1:3], members[3:5]
	if err := all(members, func(m *procs.Member) error { return m.Start(ctx) }); err != nil {
		return err
	}
	for _, m := range members {
		if err := d.fleet.Fund(ctx, m.Account, allowance); err != nil {
			return err
		}
	}
	money, err := d.fleet.Money(ctx)
	d.report.Before = money.Holdings
	return err
}

// register bonds the validators.
func (d *demo) register(ctx context.Context) error {
	return all(d.checks, func(m *procs.Member) error {
		_, err := m.Client().RegisterValidator(ctx, &nodepb.RegisterValidatorRequest{
			Moniker: m.Name, Bond: api.FromAmount(bond), CommissionBp: 100, MaxCommissionBp: 1000, MaxCommissionChangeBp: 100,
		})
		return err
	})
}

// makeData lays records on each seller's disk: good ones, and broken ones on the first's.
func (d *demo) makeData(ctx context.Context) error {
	for i, m := range d.seller {
		good := sample.Options{Kind: sample.Patient, Patients: d.Patients, Seed: uint64(i + 1)}
		if err := d.addData(ctx, m, "patients", good); err != nil {
			return err
		}
	}
	broken := sample.Options{Kind: sample.Patient, Patients: d.Patients, Seed: 1, Broken: d.Patients/2 + 1}
	return d.addData(ctx, d.seller[0], "broken", broken)
}

func (d *demo) addData(ctx context.Context, m *procs.Member, name string, o sample.Options) error {
	path := filepath.Join(d.Dir, fmt.Sprintf("%s-%s.ndjson", m.Name, name))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(sample.Generate(f, o), f.Close()); err != nil {
		return err
	}
	_, err = api.AddData(ctx, m.Client(), &nodepb.AddDataRequest{Path: path, Name: name}, nil)
	return err
}

// all does something with each member at once.
func all(members []*procs.Member, do func(*procs.Member) error) error {
	failed := make([]error, len(members))
	var work sync.WaitGroup
	for i, m := range members {
		work.Go(func() {
			if err := do(m); err != nil {
				failed[i] = fmt.Errorf("%s: %w", m.Name, err)
			}
		})
	}
	work.Wait()
	return errors.Join(failed...)
}
