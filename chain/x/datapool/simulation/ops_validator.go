package simulation

import (
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// fewValidators keeps the same ones meeting again.
const fewValidators = 12

func (m Module) registerValidator(s scene) (sdk.Msg, simtypes.Account) {
	signer, params := s.account(), m.params(s)
	if n := min(fewValidators, len(s.accounts)); !s.oneIn(20) {
		signer = s.accounts[s.Intn(n)]
	}
	most := uint32(s.Intn(types.BasisPoints / 4))
	var recipient []byte
	if !s.oneIn(20) {
		recipient = recipientKey(signer.Address)
	}
	return &types.MsgRegisterValidator{
		Validator:             signer.Address.String(),
		Bond:                  sdk.NewCoin(params.Denom, params.MinBond.AddRaw(s.Int63n(1000)-10)),
		CommissionBp:          uint32(s.Intn(int(most) + 1)),
		MaxCommissionBp:       most,
		MaxCommissionChangeBp: uint32(s.Intn(int(most) + 1)),
		PeerId:                "12D3KooWSimulation",
		RecipientKey:          recipient,
	}, signer
}

func (m Module) updateValidator(s scene) (sdk.Msg, simtypes.Account) {
	v := pick(s, m.validators(s))
	if v == nil {
		return nil, simtypes.Account{}
	}
	return &types.MsgUpdateValidator{
		Validator: v.Address, PeerId: "Qm", Moniker: fmt.Sprint(s.Intn(100)), RecipientKey: recipientKey(s.of(v.Address).Address),
	}, s.of(v.Address)
}

func (m Module) addBond(s scene) (sdk.Msg, simtypes.Account) {
	v := m.validator(s, types.VALIDATOR_STATUS_JAILED)
	if v == nil || s.oneIn(4) {
		v = pick(s, m.validators(s))
	}
	if v == nil {
		return nil, simtypes.Account{}
	}
	params := m.params(s)
	for _, other := range m.validators(s) { // below a raised least bond
		if other.Status == types.VALIDATOR_STATUS_BONDED && other.Bond.LT(params.MinBond) && !s.oneIn(4) {
			v = &other
		}
	}
	amount := math.NewInt(1 + s.Int63n(1000))
	if missing := params.MinBond.Sub(v.Bond); missing.IsPositive() {
		amount = missing
	}
	return &types.MsgAddBond{Validator: v.Address, Amount: sdk.NewCoin(params.Denom, amount)}, s.of(v.Address)
}

func (m Module) setCommission(s scene) (sdk.Msg, simtypes.Account) {
	v := pick(s, m.validators(s))
	if v == nil {
		return nil, simtypes.Account{}
	}
	change := uint32(s.Intn(int(v.MaxCommissionChangeBp) + 2))
	return &types.MsgSetCommission{Validator: v.Address, CommissionBp: max(v.CommissionBp, change) - change}, s.of(v.Address)
}

// setConditions states ones that most pools meet.
func (m Module) setConditions(s scene) (sdk.Msg, simtypes.Account) {
	v := pick(s, m.validators(s))
	if v == nil {
		return nil, simtypes.Account{}
	}
	conditions := types.DefaultConditions()
	conditions.MinIncome, conditions.MaxDatasetSize = uint64(s.Intn(3)), 1<<(18+s.Intn(3))
	if s.oneIn(4) {
		for range 1 + s.Intn(types.MaxConditionBuyers) {
			conditions.Buyers = append(conditions.Buyers, s.account().Address.String())
		}
	}
	if s.oneIn(8) {
		conditions.MediaTypes = []string{"application/json"}
	}
	return &types.MsgSetConditions{Validator: v.Address, Conditions: conditions}, s.of(v.Address)
}

func (m Module) unbond(s scene) (sdk.Msg, simtypes.Account) {
	v := pick(s, m.validators(s))
	if v == nil {
		return nil, simtypes.Account{}
	}
	return &types.MsgUnbond{Validator: v.Address}, s.of(v.Address)
}

func (m Module) unjail(s scene) (sdk.Msg, simtypes.Account) {
	v := m.validator(s, types.VALIDATOR_STATUS_JAILED)
	if v == nil {
		return nil, simtypes.Account{}
	}
	return &types.MsgUnjail{Validator: v.Address}, s.of(v.Address)
}

// updateParams returns a decision of governance: no account signs it.
func (m Module) updateParams(s scene) (sdk.Msg, simtypes.Account) {
	return &types.MsgUpdateParams{Authority: m.keeper.Authority(), Params: randomParams(s.Rand)}, simtypes.Account{}
}
