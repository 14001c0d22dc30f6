package simulation

import (
	"encoding/binary"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

func (m Module) certify(s scene) (sdk.Msg, simtypes.Account) {
	state := types.DEAL_STATE_OFFERED
	if s.oneIn(4) { // a verdict after the k-th accept
		state = types.DEAL_STATE_CERTIFIED
	}
	deal := m.dealWhere(s, state, func(d types.Deal) bool { return len(d.Validators) != 0 && !s.overdue(d) })
	if deal == nil || len(deal.Validators) == 0 {
		return nil, simtypes.Account{}
	}
	v := pick(s, deal.Validators).Address
	for _, open := range deal.Validators { // mostly one that has not answered yet
		answered := slices.ContainsFunc(deal.Certificates, func(c types.Certificate) bool { return c.Validator == open.Address })
		if bonded := m.isBonded(s, open.Address); bonded && !answered && !s.isLazy(open.Address) && !s.oneIn(10) {
			v = open.Address
		}
	}
	switch {
	case s.isLazy(v):
		return nil, simtypes.Account{}
	case s.isHonest(v):
		return m.trueVerdict(s, *deal, v), s.of(v)
	}
	msg := &types.MsgCertify{
		Validator: v, DealId: deal.Id, FactsHash: m.facts(s, *deal), Verdict: types.VERDICT_ACCEPT, ReportHash: deal.Dataset.Root,
		Available: !s.oneIn(10), ExpiryHeight: s.ctx.BlockHeight() + int64(s.Intn(200)),
	}
	if s.oneIn(8) {
		msg.Verdict, msg.Reason = types.VERDICT_REJECT, types.REJECT_REASON_CRITERIA
	}
	if s.oneIn(4) || deal.RefusesDuplicates() && !s.oneIn(8) {
		tag := [32]byte{byte(s.Intn(64))}
		setTag(msg, tag[:])
	}
	return msg, s.of(v)
}

func (m Module) ack(s scene) (sdk.Msg, simtypes.Account) {
	deal := m.deal(s, types.DEAL_STATE_CERTIFIED)
	if deal == nil {
		return nil, simtypes.Account{}
	}
	return &types.MsgAck{Buyer: deal.Buyer, DealIds: []uint64{deal.Id}, FactsHashes: [][]byte{m.facts(s, *deal)}}, s.of(deal.Buyer)
}

// facts is the hash of the deal's facts, or of others if the signer was shown a lie.
func (m Module) facts(s scene, deal types.Deal) []byte {
	hash := m.trueFacts(s, deal)
	if s.oneIn(20) {
		hash[0] ^= 1
	}
	return hash
}

func (m Module) trueFacts(s scene, deal types.Deal) []byte {
	hash, err := keeper.FactsHash(s.chainID, deal)
	check("facts", err)
	return hash
}

func (m Module) defaultAck(s scene) (sdk.Msg, simtypes.Account) {
	deal := m.dealWhere(s, types.DEAL_STATE_CERTIFIED, func(d types.Deal) bool {
		return s.overdue(d) && d.AckMode == types.ACK_MODE_QUORUM
	})
	signer := s.account()
	if deal == nil {
		return nil, signer
	}
	return &types.MsgDefaultAck{Sender: signer.Address.String(), DealId: deal.Id}, signer
}

func (m Module) deliver(s scene) (sdk.Msg, simtypes.Account) {
	deal := m.deal(s, types.DEAL_STATE_ACKED)
	if deal == nil {
		return nil, simtypes.Account{}
	}
	return m.delivery(s, *deal), s.of(deal.Seller)
}

// delivery is bound to the deal's ack height.
func (m Module) delivery(s scene, deal types.Deal) *types.MsgDeliver {
	terms, err := keeper.DeliverContext(s.chainID, deal)
	check("delivery", err)
	key := m.secrets.datasets[pdx.Element(deal.Dataset.DatasetKey)].key
	d1, d2, proof, err := key.Deliver(terms.Hash(), pdx.Element(deal.BuyerKey))
	check("delivery", err)
	return &types.MsgDeliver{Seller: deal.Seller, DealId: deal.Id, D1: d1[:], D2: d2[:], Proof: proof}
}

func (m Module) deliverOnVoucher(s scene) (sdk.Msg, simtypes.Account) {
	state := types.DEAL_STATE_CERTIFIED
	if s.oneIn(4) {
		state = types.DEAL_STATE_ACKED
	}
	height := s.ctx.BlockHeight()
	deal := m.dealWhere(s, state, func(d types.Deal) bool { return d.EnteredAt(types.DEAL_STATE_CERTIFIED) < height })
	if deal == nil {
		return nil, simtypes.Account{}
	}
	deal.AckHeight = max(1, height-1-int64(s.Intn(2)))
	if certified := deal.EnteredAt(types.DEAL_STATE_CERTIFIED); !s.oneIn(10) {
		deal.AckHeight = max(deal.AckHeight, certified)
	}
	// A quarter of the time for the key is how long it must hold.
	holds := types.Blocks(deal.Deadlines.Key/4, deal.BlockTime) + int64(s.Intn(20)) - 2
	voucher := attest.SignedAck{
		ChainID: s.chainID, Pool: pdx.PoolID(deal.PoolId), Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer),
		Root: pdx.ContentID(deal.Dataset.Root), AckHeight: deal.AckHeight, ExpiryHeight: deal.AckHeight + holds,
	}
	buyer := s.of(deal.Buyer)
	signature, err := buyer.PrivKey.Sign(voucher.SignBytes())
	check("voucher", err)
	msg := m.delivery(s, *deal)
	msg.Voucher = &types.AckVoucher{
		AckHeight: voucher.AckHeight, ExpiryHeight: voucher.ExpiryHeight, PublicKey: buyer.PubKey.Bytes(), Signature: signature,
	}
	return msg, s.of(deal.Seller)
}

// complain is right about what was spoiled, and as often wrong.
func (m Module) complain(s scene) (sdk.Msg, simtypes.Account) {
	deal := m.deal(s, types.DEAL_STATE_DELIVERED)
	if deal == nil {
		return nil, simtypes.Account{}
	}
	msg := &types.MsgComplain{Buyer: deal.Buyer, DealId: deal.Id}
	if s.oneIn(2) {
		msg.Box = m.aboutBox(s, *deal)
	} else {
		msg.Segment = m.aboutSegment(s, *deal)
	}
	return msg, s.of(deal.Buyer)
}

func (m Module) aboutBox(s scene, deal types.Deal) *types.BoxComplaint {
	bound := attest.ComplainBox{ChainID: s.chainID, Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer)}
	key := m.secrets.buyers[pdx.Element(deal.BuyerKey)]
	opening, proof, err := key.ProveOpen(bound.Hash(), pdx.Element(deal.Delivery.D1), pdx.Element(deal.Delivery.D2))
	check("complaint", err)
	return &types.BoxComplaint{Opening: opening[:], Proof: proof}
}

// aboutSegment is about the only one; its slice is the size and the data.
func (m Module) aboutSegment(s scene, deal types.Deal) *types.SegmentComplaint {
	bound := attest.ComplainBlock{ChainID: s.chainID, Deal: pdx.DealID(deal.Id), Buyer: pdx.Address(deal.Buyer)}
	of := m.secrets.datasets[pdx.Element(deal.Dataset.DatasetKey)]
	mj, proof, err := of.key.ProveComplaint(bound.Hash(), 0)
	check("complaint", err)
	return &types.SegmentComplaint{BlockKey: mj[:], Proof: proof, Slice: m.slice(deal)}
}

// slice is that of the only segment, which has one chunk.
func (m Module) slice(deal types.Deal) []byte {
	of := m.secrets.datasets[pdx.Element(deal.Dataset.DatasetKey)]
	return append(binary.LittleEndian.AppendUint64(nil, deal.Dataset.Size_), of.ciphertext...)
}

func (m Module) finalize(s scene) (sdk.Msg, simtypes.Account) {
	deal, signer := m.dealWhere(s, types.DEAL_STATE_DELIVERED, s.overdue), s.account()
	if deal == nil {
		return nil, signer
	}
	return &types.MsgFinalize{Sender: signer.Address.String(), DealId: deal.Id}, signer
}

func (m Module) expire(s scene) (sdk.Msg, simtypes.Account) {
	states := []types.DealState{types.DEAL_STATE_OFFERED, types.DEAL_STATE_CERTIFIED, types.DEAL_STATE_ACKED}
	deal, signer := m.dealWhere(s, *pick(s, states), s.overdue), s.account()
	if deal == nil {
		return nil, signer
	}
	return &types.MsgExpire{Sender: signer.Address.String(), DealId: deal.Id}, signer
}
