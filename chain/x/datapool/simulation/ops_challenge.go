package simulation

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// challenge is about the only chunk, and sometimes about one that there is not.
func (m Module) challenge(s scene) (sdk.Msg, simtypes.Account) {
	deal := m.dealWhere(s, types.DEAL_STATE_CERTIFIED, func(d types.Deal) bool {
		return d.AckMode == types.ACK_MODE_QUORUM && !d.Challenged() && !s.overdue(d)
	})
	if deal == nil {
		return nil, simtypes.Account{}
	}
	msg := &types.MsgChallenge{Buyer: deal.Buyer, DealId: deal.Id, Chunks: []uint64{0}, FactsHash: m.facts(s, *deal)}
	if s.oneIn(10) {
		msg.Chunks = []uint64{1}
	}
	return msg, s.of(deal.Buyer)
}

// answer shows the chunk, and sometimes another one.
func (m Module) answer(s scene) (sdk.Msg, simtypes.Account) {
	deal := m.dealWhere(s, types.DEAL_STATE_CERTIFIED, types.Deal.Challenged)
	if deal == nil || !deal.Challenged() {
		return nil, simtypes.Account{}
	}
	msg := m.trueAnswer(*deal, pick(s, deal.Certificates).Validator)
	if s.oneIn(8) {
		msg.Slices[0][0] ^= 1
	}
	return msg, s.of(msg.Validator)
}

func (m Module) trueAnswer(deal types.Deal, validator string) *types.MsgAnswer {
	return &types.MsgAnswer{Validator: validator, DealId: deal.Id, Challenge: deal.Challenge.Number, Slices: [][]byte{m.slice(deal)}}
}
