package keeper_test

import (
	"bytes"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
)

func TestDeliverRefusals(t *testing.T) {
	type M = types.MsgDeliver
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Deliver, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 9)
		id := m.DealIn(types.DEAL_STATE_ACKED)
		return m, m.NewDelivery(m.Deal(id), m.Sealed[id].Key)
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Seller = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"not the seller", func(x market, m *M) { m.Seller = string(x.Buyer) }, types.ErrNotSeller},
		{"not acked", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_CERTIFIED) }, types.ErrDealState},
		{"delivered", func(x market, m *M) { x.Deliver(m.DealId) }, types.ErrDealState},
		{"expired", func(x market, m *M) { x.Expire(m.DealId) }, types.ErrDealState},
		{"no D1", func(_ market, m *M) { m.D1 = nil }, types.ErrDelivery},
		{"D1 is the identity", func(_ market, m *M) { m.D1 = make([]byte, 32) }, types.ErrDelivery},
		{"D2 not canonical", func(_ market, m *M) { m.D2 = bytes.Repeat([]byte{0xff}, 32) }, types.ErrDelivery},
		{"short proof", func(_ market, m *M) { m.Proof = m.Proof[1:] }, types.ErrDelivery},
		{"proof with a flipped bit", func(_ market, m *M) { m.Proof[50] ^= 1 }, types.ErrDeliverProof},
		{"D1 and D2 swapped", func(_ market, m *M) { m.D1, m.D2 = m.D2, m.D1 }, types.ErrDeliverProof},
		{"delivery of another deal", func(x market, m *M) {
			id := x.DealIn(types.DEAL_STATE_ACKED)
			other := x.NewDelivery(x.Deal(id), x.Sealed[id].Key)
			m.D1, m.D2, m.Proof = other.D1, other.D2, other.Proof
		}, types.ErrDeliverProof},
		{"key of other data", func(x market, m *M) {
			other := x.NewDelivery(x.Deal(m.DealId), datapooltest.Seal(nil).Key)
			m.D1, m.D2, m.Proof = other.D1, other.D2, other.Proof
		}, types.ErrDeliverProof},
		{"to another buyer key", func(x market, m *M) {
			deal := x.Deal(m.DealId)
			key := seal.NewBuyerKey().Public()
			deal.BuyerKey = key[:]
			*m = *x.NewDelivery(deal, x.Sealed[m.DealId].Key)
		}, types.ErrDeliverProof},
	})
}

func TestDeliveryIsBoundToEveryTerm(t *testing.T) {
	for name, change := range map[string]func(*attest.Deliver){
		"chain":       func(c *attest.Deliver) { c.ChainID = "panacea-3" },
		"pool":        func(c *attest.Deliver) { c.Pool++ },
		"deal":        func(c *attest.Deliver) { c.Deal++ },
		"seller":      func(c *attest.Deliver) { c.Seller = datapooltest.Account("else") },
		"buyer":       func(c *attest.Deliver) { c.Buyer = datapooltest.Account("else") },
		"denom":       func(c *attest.Deliver) { c.Denom = "uatom" },
		"price":       func(c *attest.Deliver) { c.Price++ },
		"certificate": func(c *attest.Deliver) { c.Cert[0] ^= 1 },
		"ack height":  func(c *attest.Deliver) { c.AckHeight++ },
	} {
		t.Run(name, func(t *testing.T) {
			m := datapooltest.NewMarket(t, 1)
			id := m.DealIn(types.DEAL_STATE_ACKED)
			deal := m.Deal(id)
			terms := datapooltest.DeliverContext(m.Head().ChainID, deal)
			change(&terms)
			d1, d2, proof, err := m.Sealed[id].Key.Deliver(terms.Hash(), pdx.Element(deal.BuyerKey))
			require.NoError(t, err)
			_, err = m.Exec(&types.MsgDeliver{Seller: deal.Seller, DealId: id, D1: d1[:], D2: d2[:], Proof: proof})
			requireError(t, err, types.ErrDeliverProof)
		})
	}
}

// vouched has a certified deal in a block after the certification, and what its
// seller delivers on a voucher.
func vouched(t *testing.T, changes ...func(*types.MsgCreatePool)) (*datapooltest.Market, *types.MsgDeliver) {
	t.Helper()
	m := datapooltest.NewMarket(t, 9, changes...)
	nextBlock(t, m)
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	nextBlock(t, m)
	return m, onVoucher(m, id, m.Head().Height-1, m.Head().Height+4)
}

// onVoucher returns a delivery on a voucher of the buyer's.
func onVoucher(m *datapooltest.Market, id uint64, ack, expiry int64) *types.MsgDeliver {
	deal := m.Deal(id)
	deal.AckHeight = ack
	msg := m.NewDelivery(deal, m.Sealed[id].Key)
	msg.Voucher = m.NewVoucher(deal, "buyer", ack, expiry)
	return msg
}

func TestDeliverOnAVoucherRefusals(t *testing.T) {
	type M = types.MsgDeliver
	type market = *datapooltest.Market
	revouch := func(x market, m *M, change func(*types.Deal)) {
		deal := x.Deal(m.DealId)
		change(&deal)
		m.Voucher = x.NewVoucher(deal, "buyer", m.Voucher.AckHeight, m.Voucher.ExpiryHeight)
	}
	testRefusals(t, types.MsgServer.Deliver, func(t *testing.T) (market, *M) { return vouched(t) }, []refusal[M]{
		{"no ack height", func(_ market, m *M) { m.Voucher.AckHeight = 0 }, types.ErrVoucher},
		{"expiry before the ack", func(_ market, m *M) { m.Voucher.ExpiryHeight = m.Voucher.AckHeight - 1 }, types.ErrVoucher},
		{"no key", func(_ market, m *M) { m.Voucher.PublicKey = nil }, types.ErrVoucher},
		{"short signature", func(_ market, m *M) { m.Voucher.Signature = m.Voucher.Signature[1:] }, types.ErrVoucher},
		{"no voucher", func(_ market, m *M) { m.Voucher = nil }, types.ErrDealState},
		{"offered", func(x market, m *M) { m.DealId = x.Offer() }, types.ErrDealState},
		{"delivered", func(x market, m *M) {
			again := *m
			x.Must(&again)
		}, types.ErrDealState},
		{"unacked", func(x market, m *M) { x.Expire(m.DealId) }, types.ErrDealState},
		{"acked before the certification", func(x market, m *M) {
			*m = *onVoucher(x, m.DealId, x.Deal(m.DealId).EnteredAt(types.DEAL_STATE_CERTIFIED)-1, 100)
		}, types.ErrVoucherHeight},
		{"acked in this block", func(x market, m *M) { *m = *onVoucher(x, m.DealId, x.Head().Height, 100) }, types.ErrVoucherHeight},
		{"acked in the future", func(x market, m *M) { *m = *onVoucher(x, m.DealId, 1<<62, 1<<62+100) }, types.ErrVoucherHeight},
		{"holds for less than a quarter of the key deadline", func(x market, m *M) {
			*m = *onVoucher(x, m.DealId, x.Head().Height-1, x.Head().Height+3)
		}, types.ErrVoucherShort},
		{"expired", func(x market, m *M) {
			require.NoError(t, x.Past(m.Voucher.ExpiryHeight, x.Head().Time))
		}, types.ErrVoucherExpired},
		{"another ack height than signed", func(x market, m *M) {
			nextBlock(t, x)
			m.Voucher.AckHeight++
			m.Voucher.ExpiryHeight++
		}, types.ErrVoucherSignature},
		{"another expiry than signed", func(_ market, m *M) { m.Voucher.ExpiryHeight++ }, types.ErrVoucherSignature},
		{"signed by the seller", func(x market, m *M) {
			m.Voucher = x.NewVoucher(x.Deal(m.DealId), "seller", m.Voucher.AckHeight, m.Voucher.ExpiryHeight)
		}, types.ErrVoucherSignature},
		{"flipped bit in the signature", func(_ market, m *M) { m.Voucher.Signature[40] ^= 1 }, types.ErrVoucherSignature},
		{"of another deal", func(x market, m *M) { revouch(x, m, func(d *types.Deal) { d.Id++ }) }, types.ErrVoucherSignature},
		{"of another pool", func(x market, m *M) { revouch(x, m, func(d *types.Deal) { d.PoolId++ }) }, types.ErrVoucherSignature},
		{"of another root", func(x market, m *M) {
			revouch(x, m, func(d *types.Deal) { d.Dataset.Root = bytes.Repeat([]byte{1}, 32) })
		}, types.ErrVoucherSignature},
		{"delivery bound to another ack", func(x market, m *M) {
			voucher := m.Voucher
			*m = *onVoucher(x, m.DealId, m.Voucher.AckHeight-1, 100)
			m.Voucher = voucher
		}, types.ErrDeliverProof},
		{"acked on chain, and the voucher spoiled", func(x market, m *M) {
			x.Ack(m.DealId)
			m.Voucher.Signature[0] ^= 1
		}, types.ErrVoucherSignature},
	})
}

// TestAVoucherAcksAndDelivers takes both steps at once and leaves a deal whose
// delivery everybody can verify.
func TestAVoucherAcksAndDelivers(t *testing.T) {
	m, msg := vouched(t)
	before := len(m.Events())
	m.Must(msg)
	deal := m.Deal(msg.DealId)
	require.Equal(t, types.DEAL_STATE_DELIVERED, deal.State)
	require.Equal(t, msg.Voucher.AckHeight, deal.AckHeight)
	require.NotZero(t, deal.EnteredAt(types.DEAL_STATE_ACKED))
	terms := datapooltest.DeliverContext(m.Head().ChainID, deal)
	require.NoError(t, proof.VerifyDeliver(terms.Hash(), pdx.Element(deal.Dataset.DatasetKey), [32]byte(deal.Dataset.Nonce),
		pdx.Element(deal.BuyerKey), pdx.Element(deal.Delivery.D1), pdx.Element(deal.Delivery.D2), deal.Delivery.Proof))
	var entered []types.DealState
	for _, event := range m.Events()[before:] {
		if e, ok := event.(*types.EventDealState); ok {
			entered = append(entered, e.State)
		}
	}
	require.Equal(t, []types.DealState{types.DEAL_STATE_ACKED, types.DEAL_STATE_DELIVERED}, entered)
	m.CheckInvariants()
	m.PastDeal(msg.DealId)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(msg.DealId).State)
	m.CheckInvariants()
}

// TestNothingThatTheBuyerDoesUndoesAVoucher: a buyer that sees the delivery in
// the mempool acks on chain first, at another height, or waits until the voucher
// has expired; or the ack deadline has passed and nobody has executed it.
func TestNothingThatTheBuyerDoesUndoesAVoucher(t *testing.T) {
	quorum := func(p *types.MsgCreatePool) { p.AckMode = types.ACK_MODE_QUORUM }
	for name, row := range map[string]struct {
		between func(*datapooltest.Market, *types.MsgDeliver)
		changes []func(*types.MsgCreatePool)
	}{
		"ack": {func(m *datapooltest.Market, msg *types.MsgDeliver) { m.Ack(msg.DealId) }, nil},
		"ack, and the voucher expires": {func(m *datapooltest.Market, msg *types.MsgDeliver) {
			m.Ack(msg.DealId)
			require.NoError(t, m.Past(msg.Voucher.ExpiryHeight, m.Head().Time))
		}, nil},
		"close": {func(m *datapooltest.Market, _ *types.MsgDeliver) {
			m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool})
		}, nil},
		"late": {func(m *datapooltest.Market, msg *types.MsgDeliver) {
			m.PastDeal(msg.DealId)
			*msg = *onVoucher(m, msg.DealId, msg.Voucher.AckHeight, 99)
		}, nil},
		"acked by default": {func(m *datapooltest.Market, msg *types.MsgDeliver) {
			m.PastDeal(msg.DealId)
			m.Must(&types.MsgDefaultAck{Sender: string(m.Seller), DealId: msg.DealId})
		}, []func(*types.MsgCreatePool){quorum}},
	} {
		t.Run(name, func(t *testing.T) {
			m, msg := vouched(t, row.changes...)
			row.between(m, msg)
			m.Must(msg)
			require.Equal(t, types.DEAL_STATE_DELIVERED, m.Deal(msg.DealId).State)
			require.Equal(t, msg.Voucher.AckHeight, m.Deal(msg.DealId).AckHeight)
			m.CheckInvariants()
		})
	}
}

// FuzzVoucher signs vouchers as the fuzzer says: at which heights, by whom, about
// which deal, and what is changed afterwards. The delivery holds but for its
// voucher, and is taken exactly if the buyer signed it, about this deal, for
// heights at which it may.
func FuzzVoucher(f *testing.F) {
	m := datapooltest.NewMarket(f, 9)
	other := m.DealIn(types.DEAL_STATE_CERTIFIED)
	require.NoError(f, m.Past(m.Head().Height+3, m.Head().Time))
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	require.NoError(f, m.Past(m.Head().Height+3, m.Head().Time))
	deal, height := m.Deal(id), m.Head().Height
	quarter := int64(deal.Deadlines.Key/4+deal.BlockTime-1) / int64(deal.BlockTime)
	f.Add(int64(-1), quarter, byte(0), byte(0), []byte{})
	for _, damage := range [][]byte{{0, 1}, {40, 1}, {97, 0}, {98, 0}, {99, 0}} {
		f.Add(int64(-2), quarter+1, byte(0), byte(0), damage)
	}
	f.Add(int64(-3), quarter-1, byte(1), byte(1), []byte{})
	f.Fuzz(func(t *testing.T, ack, holds int64, signer, about byte, damage []byte) {
		m := &datapooltest.Market{Chain: m.Chain, T: t, Sealed: m.Sealed}
		ack, holds = height+ack%20, holds%(4*quarter)
		expiry := ack + holds
		signed, account := deal, []string{"buyer", "seller", "validator 0", "anyone"}[signer%4]
		if about%2 == 1 {
			signed = m.Deal(other)
		}
		msg := onVoucher(m, id, ack, expiry)
		msg.Voucher = m.NewVoucher(signed, account, ack, expiry)
		before := *msg.Voucher
		msg.Voucher = spoilVoucher(before, damage)
		err := m.Read(func(ctx sdk.Context, _ types.QueryServer) error {
			_, err := keeper.NewMsgServer(m.Keeper).Deliver(ctx, msg)
			return err
		})
		good := proto.Equal(&before, msg.Voucher) && account == "buyer" && signed.Id == id &&
			ack >= deal.EnteredAt(types.DEAL_STATE_CERTIFIED) && ack < height && expiry >= height && holds >= quarter
		require.Equal(t, good, err == nil, "%v", err)
	})
}

// spoilVoucher changes bytes of key and signature, two bytes for each step: where
// and what; beyond them both, a height or a length.
func spoilVoucher(v types.AckVoucher, steps []byte) *types.AckVoucher {
	v.PublicKey, v.Signature = bytes.Clone(v.PublicKey), bytes.Clone(v.Signature)
	for ; len(steps) >= 2; steps = steps[2:] {
		at, what := int(steps[0]), steps[1]
		switch n := len(v.PublicKey); {
		case at < n:
			v.PublicKey[at] ^= what
		case at < n+len(v.Signature):
			v.Signature[at-n] ^= what
		case at%4 == 0:
			v.AckHeight += int64(int8(what))
		case at%4 == 1:
			v.ExpiryHeight += int64(int8(what))
		case at%4 == 2:
			v.Signature = append(v.Signature, what)
		default:
			v.PublicKey = v.PublicKey[:len(v.PublicKey)/2]
		}
	}
	return &v
}

func TestLateDeliveryBeatsAnExpiryNotExecuted(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.DealIn(types.DEAL_STATE_ACKED)
	m.PastDeal(id)
	m.Deliver(id)
	_, err := m.NextBlock(datapooltest.BlockTime)
	require.NoError(t, err)
	require.Equal(t, types.DEAL_STATE_DELIVERED, m.Deal(id).State)
	m.CheckInvariants()
}
