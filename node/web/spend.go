package web

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// Fees are estimates of the chain's fees for single transactions.
type Fees struct {
	NewPool, ClosePool, WithdrawOffer, Ack, Withdrawal, Account pdx.Amount
}

// BoughtFolder is where the page has datasets put, below the home: a folder for each pool.
const BoughtFolder = "bought"

// boughtAt is the folder of a pool's datasets.
func (d *desk) boughtAt(pool uint64) string {
	return filepath.Join(d.cfg.Home, BoughtFolder, fmt.Sprintf("pool-%d", pool))
}

// preview shows what a sale would be.
func (d *desk) preview(c *call) (any, error) {
	r := &nodepb.PreviewSaleRequest{}
	if err := c.read(r); err != nil {
		return nil, err
	}
	p, err := d.cfg.API.Preview(c.ctx, r, c.report)
	if err != nil {
		return nil, err
	}
	return shown(p)
}

// priceSale looks at a sale and binds it to what was seen: fields, records that are left
// out, and the deposit.
func (d *desk) priceSale(c *call, _ string) (p priced, err error) {
	r := &nodepb.SellRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	seen, err := d.cfg.API.Preview(c.ctx, &nodepb.PreviewSaleRequest{
		PoolId: r.PoolId, DataId: r.DataId, Fields: r.Fields, Optional: r.Optional, SkipInvalid: r.SkipInvalid,
	}, c.report)
	if err != nil {
		return p, err
	}
	if err := sellable(r, seen); err != nil {
		return p, err
	}
	r.Fields, r.Optional, r.Skipped, r.MaxDeposit = seen.Fields, false, seen.Skipped, seen.Deposit
	deposit, err := api.ToAmount(seen.Deposit)
	if err != nil {
		return p, err
	}
	fees, err := api.ToAmount(seen.Fees)
	if err != nil {
		return p, err
	}
	p.add("deposit", deposit)
	p.add("fees", fees)
	preview, err := shown(seen)
	p.about = map[string]any{"preview": preview}
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.Sell(ctx, r) }
	return p, err
}

// sellable refuses what would be offered in vain.
func sellable(r *nodepb.SellRequest, seen *nodepb.PreviewSaleResponse) error {
	if len(seen.Findings) > 0 && !r.Unchecked {
		return fmt.Errorf("%w: %d records break the criteria: leave them out, or fix them", pdx.ErrInvalid, max(seen.Broken, 1))
	}
	for _, t := range seen.Pool.GetTerms() {
		if t.Required && !slices.Contains(r.Agreed, t.Id) {
			return fmt.Errorf("%w: the pool requires the term %q", pdx.ErrInvalid, t.Title)
		}
	}
	return nil
}

// priceCancel is the fee of taking an offer back.
func (d *desk) priceCancel(c *call, _ string) (p priced, err error) {
	r := &nodepb.CancelSaleRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	p.add("fees", d.fees().WithdrawOffer)
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.CancelSale(ctx, r) }
	return p, nil
}

// pricePool is what a new pool moves into escrow. The quote's id makes the request one that
// opens one pool only, however often it is sent.
func (d *desk) pricePool(c *call, id string) (p priced, err error) {
	r := &nodepb.CreatePoolRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	r.RequestId = id
	price, err := api.ToAmount(r.Price)
	if err != nil {
		return p, fmt.Errorf("price: %w", err)
	}
	escrow, err := price.Times(r.TargetCount)
	if err != nil || escrow == 0 {
		return p, fmt.Errorf("price and number of datasets: %w: say both", pdx.ErrInvalid)
	}
	if int(r.RequiredCertificates) > len(r.Validators) || r.RequiredCertificates == 0 {
		return p, fmt.Errorf("%w: %d certificates are asked of %d validators", pdx.ErrInvalid, r.RequiredCertificates, len(r.Validators))
	}
	changes := []string(nil)
	if r.Criteria, changes, err = criteria.Upgrade(r.Criteria); err != nil {
		return p, err
	}
	doc, err := criteria.Parse(r.Criteria)
	if err != nil {
		return p, err
	}
	if _, err := criteria.NewChecker(doc, criteria.Bundle(r.Schemas...), criteria.ForNewPool()); err != nil {
		return p, err
	}
	if doc.MaxOverlapPPM != nil {
		r.MaxOverlapPpm = *doc.MaxOverlapPPM
	}
	p.add("escrow", escrow)
	p.add("fees", d.fees().NewPool)
	p.about = map[string]any{"changes": append([]string{}, changes...)}
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.CreatePool(ctx, r) }
	return p, nil
}

// priceClose is the fee of closing a pool.
func (d *desk) priceClose(c *call, _ string) (p priced, err error) {
	r := &nodepb.ClosePoolRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	res, err := d.cfg.API.GetPool(c.ctx, &nodepb.GetPoolRequest{Id: r.Id})
	if err != nil {
		return p, err
	}
	pool, err := shown(res.Pool)
	p.add("fees", d.fees().ClosePool)
	p.about = map[string]any{"pool": pool}
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.ClosePool(ctx, r) }
	return p, err
}

// pricePull is what an order commits: the price of each dataset that the pool still takes,
// which is in escrow already, and a fee for each ack. The node chooses the folder.
func (d *desk) pricePull(c *call, _ string) (p priced, err error) {
	r := &nodepb.PullRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	if r.Out != "" {
		return p, fmt.Errorf("out: %w: the page's datasets are put into the node's own folder", pdx.ErrInvalid)
	}
	res, err := d.cfg.API.GetPool(c.ctx, &nodepb.GetPoolRequest{Id: r.PoolId})
	if err != nil {
		return p, err
	}
	r.Out = d.boughtAt(r.PoolId)
	price, err := api.ToAmount(res.Pool.Price)
	if err != nil {
		return p, err
	}
	left := res.Pool.TargetCount - min(res.Pool.TargetCount, res.Pool.DeliveredCount)
	if r.DealId != 0 {
		left = min(left, 1)
	}
	committed, err := price.Times(left)
	if err != nil {
		return p, err
	}
	fees, err := d.fees().Ack.Times(left)
	if err != nil {
		return p, err
	}
	p.add("committed", committed)
	p.add("fees", fees)
	p.about = map[string]any{"folder": r.Out, "datasets": left}
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.Pull(ctx, r) }
	return p, nil
}

// priceWithdraw is the fee of moving what was credited to the account.
func (d *desk) priceWithdraw(c *call, _ string) (p priced, err error) {
	r := &nodepb.WithdrawRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	st, err := d.cfg.API.Status(c.ctx, &nodepb.StatusRequest{})
	if err != nil {
		return p, err
	}
	credit, err := api.ToAmount(st.Withdrawable)
	if err != nil {
		return p, err
	}
	p.add("fees", d.fees().Withdrawal)
	p.about = map[string]any{"withdrawable": money(credit)}
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.Withdraw(ctx, r) }
	return p, nil
}

// priceBond is what is added to a validator's bond.
func (d *desk) priceBond(c *call, _ string) (p priced, err error) {
	r := &nodepb.AddBondRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	bond, err := api.ToAmount(r.Amount)
	if err != nil || bond == 0 {
		return p, fmt.Errorf("amount: %w: say how much to add", pdx.ErrInvalid)
	}
	p.add("bond", bond)
	p.add("fees", d.fees().Account)
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.AddBond(ctx, r) }
	return p, nil
}

// priceUnjail is the fee of coming back from jail.
func (d *desk) priceUnjail(c *call, _ string) (p priced, err error) {
	r := &nodepb.UnjailRequest{}
	if err := c.read(r); err != nil {
		return p, err
	}
	p.add("fees", d.fees().Account)
	p.do = func(ctx context.Context) (proto.Message, error) { return d.cfg.API.Unjail(ctx, r) }
	return p, nil
}

func (d *desk) fees() Fees {
	if d.cfg.Fees == nil {
		return Fees{}
	}
	return d.cfg.Fees()
}
