package demo

import (
	"context"
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
		Terms: []*nodepb.Term{{Id: 1, Required: true, Title: d.Texts.Text("demo.term.title"), Description: d.Texts.Text("demo.term.text")}},
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
	d.say("pool.opened", "pool", d.pool, "escrow", escrow.MED())
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
	d.say("demo.warns", "node", seller.Name, "finding", d.finding(preview.Findings))
	d.say("demo.offers_anyway", "node", seller.Name)
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
	s, err := d.saleOf(ctx, m, sale)
	if err != nil {
		return false, err
	}
	for _, c := range s.Checks {
		if len(c.Findings) > 0 {
			d.report.Rejections = append(d.report.Rejections, d.name(c.Validator)+": "+d.finding(c.Findings))
			d.say("demo.rejects", "node", d.name(c.Validator), "finding", d.finding(c.Findings))
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
		if sale, err = d.saleOf(ctx, m, res.Sale.Id); err != nil {
			return false, err
		}
		return d.reached(sale, want)
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
				d.say("demo.reached", "node", m.Name, "state", d.state(last))
			}
			return d.reached(last, pdx.DealFinal)
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

func (d *demo) saleOf(ctx context.Context, m *procs.Member, id string) (*nodepb.Sale, error) {
	res, err := m.Client().ListSales(ctx, &nodepb.ListSalesRequest{})
	if err != nil {
		return nil, err
	}
	for _, s := range res.Sales {
		if s.Id == id {
			return s, nil
		}
	}
	return nil, d.fail(pdx.ErrNotFound, "demo.error.no_sale", "sale", id)
}

// reached reports whether a sale is where it should be; another end is an error.
func (d *demo) reached(s *nodepb.Sale, want pdx.DealState) (bool, error) {
	state := pdx.DealState(s.State)
	switch {
	case state == want:
		return true, nil
	case state.Ended() || s.State == "failed":
		return false, d.fail(pdx.ErrWrongState, "demo.error.ended", "state", d.state(s), "reason", s.Reason)
	}
	return false, nil
}

// finding is the first of the findings.
func (d *demo) finding(list []*nodepb.Finding) string {
	if len(list) == 0 {
		return d.Texts.Text("demo.no_finding")
	}
	where := d.Texts.Text("finding.record", "record", list[0].Record) + ", " + list[0].Path
	return d.Texts.Text("finding.broken", "where", where, "rule", list[0].Rule)
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

// state is where a sale is, with the number of its deal once it has one.
func (d *demo) state(s *nodepb.Sale) string {
	state := d.Texts.Text("state." + s.State)
	if s.DealId == 0 {
		return state
	}
	return d.Texts.Text("deal.reached", "deal", s.DealId, "state", state)
}
