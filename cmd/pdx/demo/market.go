package demo

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// openPool asks for patients.
func (d *demo) openPool(ctx context.Context) error {
	criteria, err := sample.Criteria(sample.Patient)
	if err != nil {
		return err
	}
	request := &nodepb.CreatePoolRequest{
		Criteria: criteria, Price: api.FromAmount(price), TargetCount: uint64(len(d.seller)),
		RequiredCertificates: uint32(len(d.checks)), RequestId: "demo",
		Terms: []*nodepb.Term{{Id: 1, Required: true, Title: "Research only", Description: "The buyer does not try to learn who the people are."}},
	}
	for _, v := range d.checks {
		request.Validators = append(request.Validators, string(v.Account))
	}
	res, err := d.buyer.Client().CreatePool(ctx, request)
	if err != nil {
		return err
	}
	d.pool = res.Pool.Id
	escrow, err := api.ToAmount(res.Pool.Escrow)
	d.say("  pool %d is open with %s in escrow", d.pool, escrow.MED())
	return err
}

// pull orders everything that is and will be certified in the pool.
func (d *demo) pull(ctx context.Context) error {
	_, err := d.buyer.Client().Pull(ctx, &nodepb.PullRequest{PoolId: d.pool, Out: filepath.Join(d.Dir, "bought")})
	return err
}

// sellBroken offers broken records without looking first; the validators look.
func (d *demo) sellBroken(ctx context.Context) error {
	seller := d.seller[0]
	preview, err := api.PreviewSale(ctx, seller.Client(), &nodepb.PreviewSaleRequest{PoolId: d.pool, DataId: "broken"}, nil)
	if err != nil {
		return err
	}
	d.say("  %s's own node warns: %s", seller.Name, finding(preview.Findings))
	d.say("  %s offers them all the same", seller.Name)
	sale, err := d.sell(ctx, seller, "broken", true, pdx.DealLapsed)
	if err != nil {
		return err
	}
	d.report.Deals = append(d.report.Deals, sale.DealId)
	return d.ask(ctx, func(ctx context.Context) (bool, error) { return d.heard(ctx, seller, sale.Id) })
}

// heard reports whether a validator's reasons have reached the seller: they may
// come a moment after the chain has ended the deal.
func (d *demo) heard(ctx context.Context, m *procs.Member, sale string) (bool, error) {
	s, err := saleOf(ctx, m, sale)
	if err != nil {
		return false, err
	}
	for _, c := range s.Checks {
		if len(c.Findings) > 0 {
			d.report.Rejections = append(d.report.Rejections, fmt.Sprintf("%s: %s", d.name(c.Validator), finding(c.Findings)))
			d.say("  %s rejects them: %s", d.name(c.Validator), finding(c.Findings))
		}
	}
	return len(d.report.Rejections) > 0, nil
}

// sellGood sells from both sellers at once, as far as the offers.
func (d *demo) sellGood(ctx context.Context) error {
	return all(d.seller, func(m *procs.Member) error {
		_, err := m.Client().Sell(ctx, &nodepb.SellRequest{PoolId: d.pool, DataId: "patients", Agreed: []uint32{1}})
		return err
	})
}

// sell sells and waits for a state.
func (d *demo) sell(ctx context.Context, m *procs.Member, data string, unchecked bool, want pdx.DealState) (*nodepb.Sale, error) {
	res, err := m.Client().Sell(ctx, &nodepb.SellRequest{PoolId: d.pool, DataId: data, Agreed: []uint32{1}, Unchecked: unchecked})
	if err != nil {
		return nil, err
	}
	var sale *nodepb.Sale
	return sale, d.ask(ctx, func(ctx context.Context) (bool, error) {
		if sale, err = saleOf(ctx, m, res.Sale.Id); err != nil {
			return false, err
		}
		return reached(sale, want)
	})
}

// settle waits until every dataset is paid and decrypted, and what is worth it is
// withdrawn.
func (d *demo) settle(ctx context.Context) error {
	said := map[string]string{}
	for _, m := range d.seller {
		err := d.ask(ctx, func(ctx context.Context) (bool, error) {
			sales, err := m.Client().ListSales(ctx, &nodepb.ListSalesRequest{})
			if err != nil {
				return false, err
			}
			last := sales.Sales[len(sales.Sales)-1]
			if said[m.Name] != last.State {
				said[m.Name] = last.State
				d.say("  %s: %s%s", m.Name, dealName(last.DealId), last.State)
			}
			return reached(last, pdx.DealFinal)
		})
		if err != nil {
			return err
		}
	}
	return d.ask(ctx, d.paidOut)
}

// paidOut reports whether nobody has 1 MED or more inside the exchange and all is
// decrypted.
func (d *demo) paidOut(ctx context.Context) (bool, error) {
	for _, m := range d.fleet.Members() {
		st, err := m.Client().Status(ctx, &nodepb.StatusRequest{})
		if err != nil {
			return false, err
		}
		if left, err := api.ToAmount(st.Withdrawable); err != nil || left >= leastPayout {
			return false, err
		}
	}
	pulls, err := d.buyer.Client().ListPulls(ctx, &nodepb.ListPullsRequest{PoolId: d.pool})
	if err != nil {
		return false, err
	}
	opened := 0
	for _, p := range pulls.Pulls {
		if p.Path != "" {
			opened++
		}
	}
	return opened == len(d.seller), nil
}

func saleOf(ctx context.Context, m *procs.Member, id string) (*nodepb.Sale, error) {
	res, err := m.Client().ListSales(ctx, &nodepb.ListSalesRequest{})
	if err != nil {
		return nil, err
	}
	for _, s := range res.Sales {
		if s.Id == id {
			return s, nil
		}
	}
	return nil, fmt.Errorf("sale %s: %w", id, pdx.ErrNotFound)
}

// reached reports whether a sale is where it should be; another end is an error.
func reached(s *nodepb.Sale, want pdx.DealState) (bool, error) {
	state := pdx.DealState(s.State)
	switch {
	case state == want:
		return true, nil
	case state.Ended() || s.State == "failed":
		return false, fmt.Errorf("%w: deal %d ended as %s: %s", pdx.ErrWrongState, s.DealId, s.State, s.Reason)
	}
	return false, nil
}

func finding(list []*nodepb.Finding) string {
	if len(list) == 0 {
		return "nothing found"
	}
	f := list[0]
	return fmt.Sprintf("record %d, %s: %s", f.Record, f.Path, f.Rule)
}

// name is the member behind an account.
func (d *demo) name(account string) string {
	for _, m := range d.fleet.Members() {
		if string(m.Account) == account {
			return m.Name
		}
	}
	return account
}

// dealName names a deal that has a number by now.
func dealName(id uint64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("deal %d ", id)
}
