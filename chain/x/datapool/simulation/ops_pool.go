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
		AckMode:    min(types.AckMode(s.Intn(4)), types.ACK_MODE_QUORUM),
		ExpiryTime: s.ctx.BlockTime().Add(time.Duration(1+s.Intn(200)) * time.Hour),
	}
	if s.oneIn(2) {
		msg.DrawCount = uint32(required + s.Intn(len(validators)-required+1))
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
	return &types.MsgClosePool{Buyer: pool.Buyer, PoolId: pool.Id}, s.of(pool.Buyer)
}

func (m Module) offer(s scene) (sdk.Msg, simtypes.Account) {
	pool, signer := m.pool(s), s.account()
	if pool == nil {
		return nil, signer
	}
	return &types.MsgOffer{
		Seller: signer.Address.String(), PoolId: pool.Id, Dataset: m.secrets.newDataset(s.Rand),
		Validators: pool.Validators, DisclosedFields: []string{""},
	}, signer
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
