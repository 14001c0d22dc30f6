package integration_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// fraudDeadlines leave a killed buyer time to come back.
const fraudDeadlines = "certify=240s,ack=240s,key=240s,dispute=240s"

// slashed is what a fraud costs each of those who made it: the stake, which is twice the cost
// of a complaint.
const slashed pdx.Amount = 8_800_000

// compensation is what a conviction brings the buyer, beside its price and the deposit: the
// cost of its complaint, 1 MED, and 100 umed for each MiB.
func compensation(kind pdx.ComplaintKind, sealed datapooltest.Sealed) pdx.Amount {
	cost := pdx.Amount(4_400_000)
	if kind == pdx.ComplaintBox {
		cost = 800_000
	}
	return cost + 1_000_000 + 100*pdx.Amount((len(sealed.Ciphertext)+1<<20-1)>>20)
}

// records of a plaintext of two blocks.
var records = datapooltest.Seal(make([]byte, 17*seal.PlainSegment+100))

// TestFraud has a seller and two validators collude against an honest buyer,
// whose node finds out, complains and is paid back, whether it is left alone or
// killed over and over.
func TestFraud(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{Deadlines: fraudDeadlines})
	for name, c := range map[string]struct {
		sealed datapooltest.Sealed
		kind   pdx.ComplaintKind
		kills  int
	}{
		"a segment that does not decrypt":           {records.SpoilSegment(16), pdx.ComplaintSegment, 0},
		"a box that does not open":                  {records.SpoilBox(), pdx.ComplaintBox, 0},
		"a segment, and a buyer killed at any time": {records.SpoilSegment(3), pdx.ComplaintSegment, 8},
		"a box, and a buyer killed at any time":     {datapooltest.Seal([]byte("few")).SpoilBox(), pdx.ComplaintBox, 8},
	} {
		t.Run(name, func(t *testing.T) {
			m := m.In(t)
			r := newRing(m)
			before := m.Books()
			pool := m.OpenPool(market.Pool{Validators: r.accounts()})
			m.Pull(pool)
			deal := r.sell(pool, c.sealed)
			m.WaitDeal(uint64(deal), pdx.DealAcked)
			r.seller.DeliverSealed(deal, c.sealed)
			killBuyer(m, c.kills)
			convicted := m.WaitDeal(uint64(deal), pdx.DealFraud)

			require.Equal(t, c.kind, convicted.Conviction.Kind)
			gain := compensation(c.kind, c.sealed)
			require.Equal(t, gain, convicted.Conviction.Compensation)
			requireFraudShown(m, pool, convicted.ID, market.Price+convicted.Deposit+gain)
			r.requireSlashed(convicted)
			_, err := m.Buyer.Client().ClosePool(t.Context(), &nodepb.ClosePoolRequest{Id: pool})
			require.NoError(t, err)
			m.Balanced(before, map[*procs.Member]int64{m.Buyer: int64(convicted.Deposit + gain)})
			m.PaidOut(market.Patience)
		})
	}
}

// ring is a seller and the validators that it colludes with.
type ring struct {
	m          *market.Market
	seller     *adversary.Party
	validators []*adversary.Party
}

// newRing has money, bonds, and the buyer's acquaintance.
func newRing(m *market.Market) *ring {
	m.T.Helper()
	r := &ring{m: m}
	for i := range 2 {
		r.validators = append(r.validators, newParty(m, fmt.Sprintf("%s, colluder %d", m.T.Name(), i)))
		r.validators[i].Register(market.Bond, market.Commission)
	}
	r.seller = newParty(m, m.T.Name()+", swindler")
	return r
}

// newParty has a new account with money, and knows the buyer.
func newParty(m *market.Market, name string) *adversary.Party {
	m.T.Helper()
	k := adversary.NewKeys(m.T)
	m.Must(m.Fleet.Fund(m.T.Context(), k.Account(), market.Allowance), "fund "+name)
	m.Fleet.Count(name, k.Account())
	p := adversary.NewParty(m.T, m.Fleet.Endpoints(), k)
	p.Meet(listen(m, m.Buyer))
	return p
}

func (r *ring) accounts() (list []pdx.Address) {
	for _, v := range r.validators {
		list = append(list, v.Account())
	}
	return list
}

// sell offers what does not open, and has it certified.
func (r *ring) sell(pool uint64, sealed datapooltest.Sealed) pdx.DealID {
	r.m.T.Helper()
	deal := r.seller.OfferSealed(pdx.PoolID(pool), sealed, r.accounts()...)
	for _, v := range r.validators {
		v.Vouch(deal)
	}
	return deal
}

// requireSlashed has every colluder in jail, with less of a bond.
func (r *ring) requireSlashed(deal pdx.Deal) {
	r.m.T.Helper()
	var want []pdx.Share
	for _, v := range r.validators {
		want = append(want, pdx.Share{Address: v.Account(), Amount: slashed})
		on, err := r.m.Chain.Validator(r.m.T.Context(), v.Account())
		require.NoError(r.m.T, err)
		require.Equal(r.m.T, market.Bond-slashed, on.Bond)
		require.Equal(r.m.T, pdx.ValidatorJailed, on.Status)
	}
	require.Equal(r.m.T, want, deal.Conviction.Slashed)
}

// killBuyer kills the buyer's node at random moments, that many times.
func killBuyer(m *market.Market, times int) {
	m.T.Helper()
	for range times {
		<-time.After(time.Duration(rand.Int64N(int64(300 * time.Millisecond))))
		m.Buyer.Kill()
		m.Must(m.Buyer.Start(m.T.Context()), "start the buyer again")
	}
}

// requireFraudShown waits until the buyer's node says what became of the deal.
func requireFraudShown(m *market.Market, pool uint64, deal pdx.DealID, refund pdx.Amount) {
	m.T.Helper()
	m.Until(market.Patience, "the buyer's node shows the fraud", func(ctx context.Context) error {
		p, err := m.PullOf(ctx, pool, uint64(deal))
		if err != nil {
			return err
		}
		if p.State != string(pdx.DealFraud) || p.Refund.GetAmount() != fmt.Sprint(uint64(refund)) {
			return fmt.Errorf("it is %s, with %v (%s)", p.State, p.Refund, p.Reason)
		}
		return nil
	})
}
