package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/procs"
	"github.com/medibloc/pdx/node/store"
)

// TestFalseComplaint has a buyer that got what it paid for complain that it did
// not, with all the keys there are: it is refused for nothing by its own client,
// and for the gas of it by the chain, and the sale ends as if nothing had been.
func TestFalseComplaint(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1, Deadlines: "certify=240s,ack=240s,key=240s,dispute=30s"})
	seller := m.Sellers[0]
	before := m.Books()
	pool := m.OpenPool(market.Pool{})
	m.Pull(pool)
	m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 300, Seed: 5})
	sale := m.Sell(seller, pool, "patients")
	sale = m.WaitSale(seller, sale.Id, pdx.DealDelivered)
	m.Bought(sale)
	deal := m.Deal(sale.DealId)
	m.Must(m.Buyer.Stop(), "stop the buyer") // its account is another program's now
	home := homeOf(t, m.Buyer)
	k, err := keys.Load(t.Context(), home.Secrets)
	require.NoError(t, err)
	p := adversary.NewParty(t, m.Fleet.Endpoints(), k)
	slice := p.Slice(p.Meet(listen(m, seller)), deal.Dataset, 0)

	for name, c := range falseComplaints(t, m, deal, poolKeyOf(t, home, deal), slice) {
		_, err := p.Complain(t.Context(), c.Complaint)
		require.ErrorIs(t, err, pdx.ErrRefused, name)
		res := p.Force(c.onChain(p.Account()))
		require.Equal(t, types.ModuleName, res.Codespace, "%s: %s", name, res.RawLog)
		require.Contains(t, []uint32{types.ErrSegmentOpens.ABCICode(), types.ErrBoxOpens.ABCICode()}, res.Code, "%s: %s", name, res.RawLog)
	}
	m.WaitSale(seller, sale.Id, pdx.DealFinal)
	earned := int64(market.Reward) + int64(market.Price-market.Reward)*market.Commission/10_000
	m.Balanced(before, map[*procs.Member]int64{
		m.Buyer: -int64(market.Price), seller: int64(market.Price) - earned, m.Validators[0]: earned,
	})
}

// poolKeyOf is b of a deal's pool, out of the buyer's home.
func poolKeyOf(t *testing.T, home *home.Home, deal pdx.Deal) seal.BuyerKey {
	t.Helper()
	pools, err := store.NewTable[buyer.Creation](home.DB, "pools").All(t.Context())
	require.NoError(t, err)
	require.Len(t, pools, 1)
	secret, err := home.Secrets.Get(t.Context(), "pool-key/"+pools[0].RequestID)
	require.NoError(t, err)
	b, err := seal.BuyerKeyFromBytes(secret)
	require.NoError(t, err)
	require.Equal(t, deal.BuyerKey, b.Public())
	return b
}

// complaint can be forced onto the chain.
type complaint struct{ pdx.Complaint }

// falseComplaints are well-founded but for that everything opens.
func falseComplaints(t *testing.T, m *market.Market, deal pdx.Deal, b seal.BuyerKey, slice []byte) map[string]complaint {
	t.Helper()
	chainID := m.Fleet.Endpoints().ChainID
	box := pdx.BoxComplaint{}
	var err error
	aboutBox := attest.ComplainBox{ChainID: chainID, Deal: deal.ID, Buyer: deal.Buyer}.Hash()
	box.Opening, box.Proof, err = b.ProveOpen(aboutBox, deal.Delivery.D1, deal.Delivery.D2)
	require.NoError(t, err)
	key, err := seal.OpenDataset(box.Opening, deal.Dataset)
	require.NoError(t, err)
	segment := pdx.SegmentComplaint{Slice: slice}
	aboutBlock := attest.ComplainBlock{ChainID: chainID, Deal: deal.ID, Buyer: deal.Buyer}.Hash()
	segment.BlockKey, segment.Proof, err = key.ProveComplaint(aboutBlock, 0)
	require.NoError(t, err)
	return map[string]complaint{
		"segment": {pdx.Complaint{Deal: deal.ID, Segment: &segment}},
		"box":     {pdx.Complaint{Deal: deal.ID, Box: &box}},
	}
}

func (c complaint) onChain(buyer pdx.Address) *types.MsgComplain {
	msg := &types.MsgComplain{Buyer: string(buyer), DealId: uint64(c.Deal)}
	if s := c.Segment; s != nil {
		msg.Segment = &types.SegmentComplaint{Index: s.Index, BlockKey: s.BlockKey[:], Proof: s.Proof, Slice: s.Slice}
	} else {
		msg.Box = &types.BoxComplaint{Opening: c.Box.Opening[:], Proof: c.Box.Proof}
	}
	return msg
}
