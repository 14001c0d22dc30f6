package simulation

import (
	"time"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

func (m Module) createPool(s scene) (sdk.Msg, simtypes.Account) {
	signer := s.account()
	buyer := signer.Address.String()
	validators := m.bonded(s, buyer, 4)
	if len(validators) == 0 {
		return nil, signer
	}
	key := m.secrets.newBuyerKey(s.Rand)
	public := key.Public()
	possession, err := key.Prove(attest.PoolKey{ChainID: s.chainID, Buyer: pdx.Address(buyer)}.Hash())
	check("pool key", err)
	price, target, denom := math.NewInt(1+s.Int63n(10_000)), 1+s.Intn(5), m.params(s).Denom
	required := 1 + s.Intn(len(validators))
	msg := &types.MsgCreatePool{
		Buyer: buyer, BuyerKey: public[:], KeyProof: possession,
		Price: sdk.NewCoin(denom, price), Escrow: sdk.NewCoin(denom, price.MulRaw(int64(target))), TargetCount: uint64(target),
		CriteriaCid: pdx.ContentID{1}.Bytes(), RequiredCertificates: uint32(required), Validators: validators,
		AckMode:        min(types.AckMode(s.Intn(4)), types.ACK_MODE_QUORUM),
		MaxDatasetSize: uint64(s.Intn(2)) << 20,
		ExpiryTime:     s.ctx.BlockTime().Add(time.Duration(1+s.Intn(200)) * time.Hour),
	}
	if s.oneIn(2) {
		msg.DrawCount = uint32(required + s.Intn(len(validators)-required+1))
		commitment := key.DrawChain(drawLength).Commitment()
		msg.DrawCommitment = commitment[:]
	}
	if s.oneIn(2) {
		refuseDuplicates(s.Rand, msg)
	}
	if n := max(int(msg.DrawCount), len(validators)); !s.oneIn(8) {
		msg.VerdictReward = uint64(s.Int63n(1 + price.Int64()/int64(n)))
	}
	return msg, signer
}

// bonded are up to n bonded validators other than an account.
func (m Module) bonded(s scene, other string, n int) (list []string) {
	for _, v := range m.validators(s) {
		if v.Status == types.VALIDATOR_STATUS_BONDED && v.Address != other && len(list) < n {
			list = append(list, v.Address)
		}
	}
	return list
}

func (m Module) closePool(s scene) (sdk.Msg, simtypes.Account) {
	pool := m.pool(s)
	if pool == nil {
		return nil, simtypes.Account{}
	}
	return &types.MsgClosePool{Buyer: pool.Buyer, PoolId: pool.Id, MaxCost: ^uint64(0)}, s.of(pool.Buyer)
}

func (m Module) offer(s scene) (sdk.Msg, simtypes.Account) {
	pool, signer := m.pool(s), s.account()
	if pool == nil {
		return nil, signer
	}
	params, seller := m.params(s), signer.Address.String()
	msg := &types.MsgOffer{
		Seller: seller, PoolId: pool.Id, Dataset: m.secrets.newDataset(s.Rand),
		DisclosedFields: []string{""},
		Price:           sdk.NewCoin(pool.Denom, pool.Price), MaxCommissionBp: types.BasisPoints,
		TermsHash: pool.TermsHash,
	}
	if pool.DrawCount == 0 || s.oneIn(50) {
		msg.Validators = pool.Validators
	}
	if s.oneIn(10) { // whoever offers does not always get what it agreed to
		msg.MaxCommissionBp = uint32(s.Intn(types.BasisPoints))
	}
	deposit := params.Deposit(msg.DisclosedFields, pool.DrawCount, len(msg.Validators), pool.VerdictReward)
	if pool.VerdictReward > 0 && s.oneIn(20) { // likewise
		deposit = deposit.QuoRaw(2).AddRaw(1)
	}
	msg.MaxDeposit = sdk.NewCoin(pool.Denom, deposit)
	bound := attest.OfferDataset{
		ChainID: s.chainID, Pool: pdx.PoolID(pool.Id), Seller: pdx.Address(seller), Root: pdx.ContentID(msg.Dataset.Root),
	}
	possession, err := m.secrets.datasets[pdx.Element(msg.Dataset.DatasetKey)].key.ProvePossession(bound.Hash())
	check("possession", err)
	msg.Possession = possession
	return msg, signer
}

// drawLength is how many preimages a pool has: few enough that some run out.
const drawLength = 8

// draw reveals the buyer's part, or has those drawn that need none; now and then it is
// about the wrong pool or height.
func (m Module) draw(s scene) (sdk.Msg, simtypes.Account) {
	deal, signer := m.dealWhere(s, types.DEAL_STATE_OFFERED, types.Deal.Undrawn), s.account()
	if deal == nil {
		return nil, signer
	}
	msg := &types.MsgDraw{Sender: signer.Address.String(), PoolId: deal.PoolId}
	if s.oneIn(5) {
		return msg, signer
	}
	resp, err := m.queries.Pool(s.ctx, &types.QueryPoolRequest{PoolId: deal.PoolId})
	check("pool", err)
	if resp.Pool.DrawCount == 0 {
		return msg, signer
	}
	preimage, err := m.secrets.buyers[pdx.Element(deal.BuyerKey)].DrawChain(drawLength).Preimage([32]byte(resp.Pool.DrawCommitment))
	if err != nil { // nothing is left to reveal
		return msg, signer
	}
	msg.Sender, msg.Preimage = deal.Buyer, preimage[:]
	msg.Height = max(1, s.ctx.BlockHeight()-1-int64(s.Intn(2)))
	return msg, s.of(deal.Buyer)
}

// withdrawOffer mostly finds one that nobody has worked on.
func (m Module) withdrawOffer(s scene) (sdk.Msg, simtypes.Account) {
	deal := m.dealWhere(s, types.DEAL_STATE_OFFERED, func(d types.Deal) bool { return d.Withdrawable(s.ctx.BlockHeight()) })
	if deal == nil {
		return nil, simtypes.Account{}
	}
	return &types.MsgWithdrawOffer{Seller: deal.Seller, DealId: deal.Id}, s.of(deal.Seller)
}

func (m Module) withdraw(s scene) (sdk.Msg, simtypes.Account) {
	signer := s.account()
	if v := pick(s, m.validators(s)); v != nil && s.oneIn(2) {
		signer = s.of(v.Address)
	}
	if d := m.deal(s, types.DEAL_STATE_FINAL); d != nil && s.oneIn(2) {
		signer = s.of(d.Seller)
	}
	return &types.MsgWithdraw{Address: signer.Address.String()}, signer
}
