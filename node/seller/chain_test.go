package seller_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

const (
	chainID    = "panacea-test-1"
	account    = pdx.Address("panacea1seller")
	buyer      = pdx.Address("panacea1buyer")
	stranger   = pdx.Address("panacea1stranger")
	deposit    = pdx.Amount(100)
	price      = pdx.Amount(1_000_000)
	commission = 100 // basis points of each validator
	keyBlocks  = 43_200
	keyTime    = 72 * time.Hour
	ackBlocks  = 1000
	ackTime    = 12 * time.Hour
	blockTime  = 6 * time.Second
)

// chain is a ledger of one pool with the rules of a deal that a seller sees.
type chain struct {
	mu       sync.Mutex
	height   int64
	began    time.Time // since when blocks come all the time; zero when they come with transactions only
	pool     pdx.Pool
	deals    []pdx.Deal
	balance  pdx.Amount // of the seller's account
	module   pdx.Amount // of the seller, inside the module
	tries    map[string]int
	autoAck  bool
	autoEnd  bool
	onChange func(pdx.Event)
	unread   error      // why deals cannot be listed
	greed    uint32     // basis points by which validators have raised their commission
	dearer   pdx.Amount // by which the deposit was raised
}

func newChain(pool pdx.Pool) *chain {
	return &chain{height: 100, pool: pool, balance: 10 * deposit, tries: map[string]int{}, autoAck: true, autoEnd: true}
}

func (c *chain) Head(context.Context) (pdx.Head, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.began.IsZero() {
		c.height = max(c.height, 100+int64(time.Since(c.began)/blockTime))
	}
	return pdx.Head{ChainID: chainID, Height: c.height, Time: time.Now()}, nil
}

func (c *chain) Pool(_ context.Context, id pdx.PoolID) (pdx.Pool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != c.pool.ID {
		return pdx.Pool{}, pdx.ErrNotFound
	}
	return c.pool, nil
}

func (c *chain) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == 0 || int(id) > len(c.deals) {
		return pdx.Deal{}, pdx.ErrNotFound
	}
	return copyDeal(c.deals[id-1]), nil
}

func copyDeal(d pdx.Deal) pdx.Deal {
	d.Certificates, d.History = slices.Clone(d.Certificates), slices.Clone(d.History)
	return d
}

func (c *chain) DealByRoot(_ context.Context, pool pdx.PoolID, root pdx.ContentID, key pdx.Element) (pdx.Deal, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.deals {
		if d.Pool == pool && d.Dataset.Root == root && d.Dataset.Key == key {
			return copyDeal(d), nil
		}
	}
	return pdx.Deal{}, pdx.ErrNotFound
}

// Deals lists in pages of two, so that paging is walked.
func (c *chain) Deals(_ context.Context, f pdx.DealFilter) (found []pdx.Deal, next string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries["deals"]++
	if c.unread != nil {
		return nil, "", c.unread
	}
	from, _ := pdx.ParseDealID(f.Cursor)
	for _, d := range c.deals {
		switch {
		case d.ID < from || f.Seller != d.Seller:
		case len(found) == 2:
			return found, d.ID.String(), nil
		default:
			found = append(found, copyDeal(d))
		}
	}
	return found, "", nil
}

func (c *chain) OfferDeposit(context.Context, pdx.Pool, []string, int) (pdx.Amount, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return deposit + c.dearer, nil
}

func (c *chain) Validator(_ context.Context, address pdx.Address) (pdx.Validator, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return pdx.Validator{Address: address, Commission: commission + c.greed}, nil
}

func (c *chain) WithdrawOffer(_ context.Context, id pdx.DealID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries["withdraw offer"]++
	switch d := c.deals[id-1]; {
	case d.State != pdx.DealOffered, len(d.Certificates) > 0:
		return fmt.Errorf("%w: the offer stands", pdx.ErrWrongState)
	}
	c.module += deposit
	c.enter(id, pdx.DealLapsed)
	return nil
}

// earlier is the offer of a sale that a program sent before.
func (c *chain) earlier(sale model.Sale) pdx.Offer {
	return pdx.Offer{
		Pool: sale.Pool, Dataset: *sale.Dataset, Validators: sale.Validators, Fields: sale.Fields, Price: c.pool.Price,
		MaxCommission: 10_000, MaxDeposit: deposit, TermsHash: attest.TermsHash(c.pool.Terms),
	}
}

// agreed refuses an offer as the chain does; the caller holds mu.
func (c *chain) agreed(o pdx.Offer) error {
	bound := attest.OfferDataset{ChainID: chainID, Pool: o.Pool, Seller: account, Root: o.Dataset.Root}
	most := c.pool.Certificates * (commission + c.greed)
	switch {
	case o.Price != c.pool.Price, o.TermsHash != attest.TermsHash(c.pool.Terms), o.MaxCommission < most, o.MaxDeposit < deposit+c.dearer:
		return fmt.Errorf("%w: this was not agreed to", pdx.ErrRefused)
	case o.Possession != nil && proof.VerifyPop(bound.Hash(), o.Dataset.Key, o.Possession) != nil: // tests offer without one
		return fmt.Errorf("%w: possession", pdx.ErrInvalid)
	}
	return nil
}

func (c *chain) Offer(_ context.Context, o pdx.Offer) (pdx.DealID, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries["offer"]++
	if err := c.agreed(o); err != nil {
		return 0, err
	}
	switch {
	case c.balance < deposit:
		return 0, fmt.Errorf("%w: %v is less than %v", pdx.ErrNoFunds, c.balance, deposit)
	case c.pool.Draw != 0 && len(o.Validators) != 0:
		return 0, fmt.Errorf("%w: validators are named in a pool that draws", pdx.ErrInvalid)
	case slices.ContainsFunc(c.deals, func(d pdx.Deal) bool { return d.Dataset.Root == o.Dataset.Root }):
		return 0, fmt.Errorf("%w: the root was offered before", pdx.ErrRefused)
	}
	c.balance -= deposit
	d := pdx.Deal{
		ID: pdx.DealID(len(c.deals) + 1), Pool: o.Pool, Seller: account, Buyer: c.pool.Buyer, Dataset: o.Dataset,
		BuyerKey: c.pool.Key, Price: c.pool.Price, Deposit: deposit, Criteria: c.pool.Criteria,
		Required: c.pool.Certificates, Validators: o.Validators, Fields: o.Fields,
		FieldsHash: attest.FieldsHash(o.Fields), TermsHash: o.TermsHash,
		AckMode: c.pool.AckMode, BlockTime: keyTime / keyBlocks, Deadlines: pdx.Deadlines{Ack: ackTime, Key: keyTime},
	}
	if c.pool.Draw != 0 {
		d.Draw = &pdx.Draw{Count: c.pool.Draw, Candidates: c.pool.Validators}
		d.Validators = nil
	}
	c.deals = append(c.deals, d)
	c.enter(d.ID, pdx.DealOffered)
	return d.ID, nil
}

// enter moves a deal to a state; the caller holds mu.
func (c *chain) enter(id pdx.DealID, state pdx.DealState) {
	c.height++
	d := &c.deals[id-1]
	d.State = state
	d.History = append(d.History, pdx.Step{State: state, Height: c.height, Time: time.Now()})
	d.DeadlineHeight, d.DeadlineTime = c.height+ackBlocks, time.Now().Add(ackTime)
	switch state {
	case pdx.DealAcked:
		d.AckHeight = c.height
		d.DeadlineHeight, d.DeadlineTime = c.height+keyBlocks, time.Now().Add(keyTime)
	case pdx.DealFinal:
		c.module += d.Price + d.Deposit
	case pdx.DealLapsed, pdx.DealUnacked:
		c.module += d.Deposit
	}
	if c.onChange != nil {
		c.onChange(pdx.Event{Height: c.height, Kind: "EventDealState", Pool: d.Pool, Deal: id, State: string(state)})
	}
}

// move is enter for tests.
func (c *chain) move(id pdx.DealID, state pdx.DealState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.enter(id, state)
}

// alter changes what the ledger shows of a deal.
func (c *chain) alter(id pdx.DealID, change func(*pdx.Deal)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.deals[id-1])
}

func (c *chain) certify(id pdx.DealID, cert pdx.Certificate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &c.deals[id-1]
	if d.State != pdx.DealOffered ||
		slices.ContainsFunc(d.Certificates, func(o pdx.Certificate) bool { return o.Validator == cert.Validator }) {
		return
	}
	c.height++
	cert.Height = c.height
	d.Certificates = append(d.Certificates, cert)
	if len(d.Accepted()) < int(d.Required) {
		return
	}
	c.enter(id, pdx.DealCertified)
	if c.autoAck {
		c.enter(id, pdx.DealAcked)
	}
}

func (c *chain) Deliver(_ context.Context, delivery pdx.Delivery) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries["deliver"]++
	d := &c.deals[delivery.Deal-1]
	ackHeight := d.AckHeight
	if v := delivery.SignedAck; v != nil {
		if err := c.redeem(*d, *v); err != nil {
			return err
		}
		ackHeight = v.AckHeight
	} else if d.State != pdx.DealAcked {
		return fmt.Errorf("%w: the deal is %s", pdx.ErrWrongState, d.State)
	}
	terms := attest.Deliver{
		ChainID: chainID, Pool: d.Pool, Deal: d.ID, Seller: d.Seller, Buyer: d.Buyer, Denom: pdx.Denom,
		Price: uint64(d.Price), Cert: attest.CertHash(d.Dataset, d.Criteria, d.Accepted()), AckHeight: ackHeight,
	}
	if err := proof.VerifyDeliver(
		terms.Hash(), d.Dataset.Key, d.Dataset.Nonce, d.BuyerKey,
		delivery.D1, delivery.D2, delivery.Proof,
	); err != nil {
		return err
	}
	d.Delivery = &delivery
	if d.State == pdx.DealCertified {
		c.enter(d.ID, pdx.DealAcked)
		d.AckHeight = ackHeight
	}
	c.enter(d.ID, pdx.DealDelivered)
	if c.autoEnd {
		c.enter(d.ID, pdx.DealFinal)
	}
	return nil
}

// redeem has the chain's rules for a voucher.
func (c *chain) redeem(d pdx.Deal, v pdx.AckVoucher) error {
	switch {
	case d.State != pdx.DealAcked && d.State != pdx.DealCertified, d.State == pdx.DealCertified && c.height > v.ExpiryHeight:
		return fmt.Errorf("%w: the deal is %s", pdx.ErrWrongState, d.State)
	case v.AckHeight < d.Entered(pdx.DealCertified).Height || v.AckHeight >= c.height || v.ExpiryHeight-v.AckHeight < keyBlocks/4:
		return fmt.Errorf("%w: heights", pdx.ErrRefused)
	}
	return attest.SignedAckOf(chainID, d, v).Verify()
}

func (c *chain) DefaultAck(_ context.Context, id pdx.DealID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries["default ack"]++
	d := &c.deals[id-1]
	if d.State != pdx.DealCertified || c.height <= d.DeadlineHeight || !time.Now().After(d.DeadlineTime) || !d.AckedByDefault() {
		return fmt.Errorf("%w: the deal is %s", pdx.ErrWrongState, d.State)
	}
	c.enter(id, pdx.DealAcked)
	return nil
}

// pass lets blocks come without anybody in them.
func (c *chain) pass(blocks int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.height += blocks
}

func (c *chain) count(what string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tries[what]
}

var (
	_ seller.Ledger = (*chain)(nil)
	_ seller.Wallet = (*chain)(nil)
)
