package keeper_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// dealMessages are the messages about a deal: whose it is, a message that is as
// good as it can be whatever the deal's state, and the states that take it.
var dealMessages = []struct {
	name  string
	of    func(*datapooltest.Market, types.Deal) sdk.Msg
	right []types.DealState
}{
	{"WithdrawOffer", func(_ *datapooltest.Market, d types.Deal) sdk.Msg {
		return &types.MsgWithdrawOffer{Seller: d.Seller, DealId: d.Id}
	}, in(types.DEAL_STATE_OFFERED)},
	{"Certify", func(m *datapooltest.Market, d types.Deal) sdk.Msg {
		return m.NewAccept(d.Id, m.Validators[2])
	}, in(types.DEAL_STATE_OFFERED, types.DEAL_STATE_CERTIFIED)},
	{"Ack", func(m *datapooltest.Market, d types.Deal) sdk.Msg {
		return m.NewAck(d.Id)
	}, in(types.DEAL_STATE_CERTIFIED)},
	{"DefaultAck", func(_ *datapooltest.Market, d types.Deal) sdk.Msg {
		return &types.MsgDefaultAck{Sender: d.Seller, DealId: d.Id}
	}, in(types.DEAL_STATE_CERTIFIED)},
	{"Challenge", func(m *datapooltest.Market, d types.Deal) sdk.Msg {
		return m.NewChallenge(d.Id, 0)
	}, in(types.DEAL_STATE_CERTIFIED)},
	{"Answer", func(m *datapooltest.Market, d types.Deal) sdk.Msg {
		return m.NewAnswer(d.Id, m.Validators[0])
	}, in(types.DEAL_STATE_CERTIFIED)},
	{"Deliver", func(m *datapooltest.Market, d types.Deal) sdk.Msg {
		return m.NewDelivery(d, m.Sealed[d.Id].Key)
	}, in(types.DEAL_STATE_ACKED)},
	{"Complain", boxComplaint, in(types.DEAL_STATE_DELIVERED)},
	{"Finalize", func(_ *datapooltest.Market, d types.Deal) sdk.Msg {
		return &types.MsgFinalize{Sender: d.Buyer, DealId: d.Id}
	}, in(types.DEAL_STATE_DELIVERED)},
	{"Expire", func(_ *datapooltest.Market, d types.Deal) sdk.Msg {
		return &types.MsgExpire{Sender: d.Buyer, DealId: d.Id}
	}, in(types.DEAL_STATE_OFFERED, types.DEAL_STATE_CERTIFIED, types.DEAL_STATE_ACKED)},
}

func in(states ...types.DealState) []types.DealState { return states }

// boxComplaint returns a complaint that is well formed where there is no delivery, too.
func boxComplaint(m *datapooltest.Market, d types.Deal) sdk.Msg {
	if d.Delivery != nil {
		return m.NewBoxComplaint(d, m.Keys[d.PoolId])
	}
	return &types.MsgComplain{Buyer: d.Buyer, DealId: d.Id, Box: &types.BoxComplaint{Opening: d.BuyerKey, Proof: make([]byte, 64)}}
}

// TestMessagesOutOfOrder sends each message about a deal in each state that does not
// take it.
func TestMessagesOutOfOrder(t *testing.T) {
	m := datapooltest.NewMarket(t, 99)
	ids := map[types.DealState]uint64{}
	for _, state := range slices.Backward(states) { // those that wait come last
		ids[state] = m.DealIn(state)
	}
	for _, message := range dealMessages {
		for _, state := range states {
			deal := m.Deal(ids[state])
			require.Equal(t, state, deal.State)
			if slices.Contains(message.right, deal.State) {
				continue
			}
			t.Run(message.name+" "+deal.State.String(), func(t *testing.T) {
				requireRefused(t, m, message.of(m, deal), types.ErrDealState)
			})
		}
	}
}

// TestForeignDealsAndAccounts sends each message about a deal that does not exist
// and, where it is somebody's, in the name of another.
func TestForeignDealsAndAccounts(t *testing.T) {
	stranger := string(datapooltest.Account("stranger"))
	for _, row := range []struct {
		state   types.DealState
		message sdk.Msg
		want    *errorsmod.Error
	}{
		{types.DEAL_STATE_OFFERED, &types.MsgCertify{
			Validator: stranger, Verdict: types.VERDICT_ACCEPT, ReportHash: make([]byte, 32), ExpiryHeight: 1 << 40,
			FactsHash: make([]byte, 32),
		}, types.ErrNotAccepted},
		{types.DEAL_STATE_OFFERED, &types.MsgWithdrawOffer{Seller: stranger}, types.ErrNotSeller},
		{types.DEAL_STATE_CERTIFIED, &types.MsgAck{Buyer: stranger, FactsHashes: [][]byte{make([]byte, 32)}}, types.ErrNotBuyer},
		{types.DEAL_STATE_CERTIFIED, &types.MsgChallenge{Buyer: stranger, Chunks: []uint64{0}, FactsHash: make([]byte, 32)}, types.ErrNotBuyer},
		{types.DEAL_STATE_CERTIFIED, &types.MsgAnswer{Validator: stranger, Slices: [][]byte{{0}}}, types.ErrNotPromised},
		{types.DEAL_STATE_ACKED, &types.MsgDeliver{Seller: stranger, D1: element(), D2: element(), Proof: make([]byte, 96)}, types.ErrNotSeller},
		{types.DEAL_STATE_DELIVERED, &types.MsgComplain{
			Buyer: stranger, Box: &types.BoxComplaint{Opening: element(), Proof: make([]byte, 64)},
		}, types.ErrNotBuyer},
		{types.DEAL_STATE_DELIVERED, &types.MsgFinalize{Sender: stranger}, types.ErrNotYet},
		{types.DEAL_STATE_OFFERED, &types.MsgExpire{Sender: stranger}, types.ErrNotYet},
	} {
		m := datapooltest.NewMarket(t, 2)
		about(row.message, m.DealIn(row.state))
		requireRefused(t, m, row.message, row.want)
		for _, id := range []uint64{0, 2, 1 << 63} {
			about(row.message, id)
			requireRefused(t, m, row.message, types.ErrDealNotFound)
		}
	}
}

func element() []byte {
	m := datapooltest.Seal(nil).Dataset.Key
	return m[:]
}

// about makes a message one about a deal.
func about(msg sdk.Msg, id uint64) {
	switch msg := msg.(type) {
	case *types.MsgCertify:
		msg.DealId = id
	case *types.MsgWithdrawOffer:
		msg.DealId = id
	case *types.MsgAck:
		msg.DealIds = []uint64{id}
	case *types.MsgChallenge:
		msg.DealId = id
	case *types.MsgAnswer:
		msg.DealId = id
	case *types.MsgDeliver:
		msg.DealId = id
	case *types.MsgComplain:
		msg.DealId = id
	case *types.MsgFinalize:
		msg.DealId = id
	case *types.MsgExpire:
		msg.DealId = id
	}
}

// TestRepeatedMessages sends each message a second time, as a node does that did not
// learn what became of the first: what cannot be meant twice is refused.
func TestRepeatedMessages(t *testing.T) {
	anyone := string(datapooltest.Account("anyone"))
	for name, row := range map[string]struct {
		message func(*datapooltest.Market) sdk.Msg
		want    *errorsmod.Error // nil: it may be repeated
	}{
		"UpdateParams": {func(*datapooltest.Market) sdk.Msg {
			return &types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Params()}
		}, nil},
		"RegisterValidator": {func(m *datapooltest.Market) sdk.Msg {
			m.Fund(pdx.Address(anyone), datapooltest.Wealth)
			return datapooltest.NewValidator(pdx.Address(anyone), 1)
		}, types.ErrValidatorExists},
		"UpdateValidator": {func(m *datapooltest.Market) sdk.Msg {
			return &types.MsgUpdateValidator{Validator: string(m.Validators[0]), PeerId: "Q"}
		}, nil},
		"AddBond": {func(m *datapooltest.Market) sdk.Msg {
			return &types.MsgAddBond{Validator: string(m.Validators[0]), Amount: datapooltest.Coin(1)}
		}, nil},
		"SetCommission": {func(m *datapooltest.Market) sdk.Msg {
			return &types.MsgSetCommission{Validator: string(m.Validators[0]), CommissionBp: 101}
		}, types.ErrCommissionTooSoon},
		"SetConditions": {func(m *datapooltest.Market) sdk.Msg {
			return &types.MsgSetConditions{Validator: string(m.Validators[0]), Conditions: types.DefaultConditions()}
		}, nil},
		"Unbond": {func(m *datapooltest.Market) sdk.Msg { return &types.MsgUnbond{Validator: string(m.Validators[0])} }, types.ErrUnbonding},
		"Unjail": {func(m *datapooltest.Market) sdk.Msg {
			m.DealIn(types.DEAL_STATE_FRAUD)
			v := m.Validators[0]
			m.Must(&types.MsgAddBond{Validator: string(v), Amount: datapooltest.NewValidator(v, 0).Bond})
			require.NoError(t, m.Past(0, m.Validator(v).JailedUntil))
			return &types.MsgUnjail{Validator: string(v)}
		}, types.ErrNotJailed},
		"CreatePool": {func(m *datapooltest.Market) sdk.Msg {
			return m.NewPool(m.Buyer, m.BuyerKey, 1, m.Validators...)
		}, types.ErrBuyerKeySeen},
		"ClosePool": {func(m *datapooltest.Market) sdk.Msg {
			return &types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool}
		}, types.ErrPoolNotOpen},
		"Offer": {func(m *datapooltest.Market) sdk.Msg {
			return m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...)
		}, types.ErrRootSeen},
		"Draw": {func(m *datapooltest.Market) sdk.Msg {
			m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
			m.Offer()
			nextBlock(t, m)
			nextBlock(t, m)
			return m.NewReveal(m.GetPool(), m.Keys[m.Pool])
		}, types.ErrNotPreimage},
		"WithdrawOffer": {once(types.DEAL_STATE_OFFERED, "WithdrawOffer"), types.ErrDealState},
		"Certify": {func(m *datapooltest.Market) sdk.Msg {
			return m.NewReject(m.Offer(), m.Validators[0])
		}, types.ErrCertified},
		"Withdraw": {func(m *datapooltest.Market) sdk.Msg {
			m.DealIn(types.DEAL_STATE_FINAL)
			return &types.MsgWithdraw{Address: string(m.Seller)}
		}, types.ErrNothingToWithdraw},
		"Ack":      {once(types.DEAL_STATE_CERTIFIED, "Ack"), types.ErrDealState},
		"Deliver":  {once(types.DEAL_STATE_ACKED, "Deliver"), types.ErrDealState},
		"Finalize": {late(types.DEAL_STATE_DELIVERED, "Finalize"), types.ErrDealState},
		"Expire":   {late(types.DEAL_STATE_ACKED, "Expire"), types.ErrDealState},
		"DefaultAck": {func(m *datapooltest.Market) sdk.Msg {
			m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) { p.AckMode = types.ACK_MODE_QUORUM })
			return late(types.DEAL_STATE_CERTIFIED, "DefaultAck")(m)
		}, types.ErrDealState},
		"Challenge": {func(m *datapooltest.Market) sdk.Msg {
			m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) { p.AckMode = types.ACK_MODE_QUORUM })
			return once(types.DEAL_STATE_CERTIFIED, "Challenge")(m)
		}, types.ErrChallenged},
		"Answer": {func(m *datapooltest.Market) sdk.Msg {
			m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) { p.AckMode = types.ACK_MODE_QUORUM })
			id := m.DealIn(types.DEAL_STATE_CERTIFIED)
			m.Must(m.NewChallenge(id, 0))
			return dealMessage(m, id, "Answer")
		}, types.ErrNoChallenge},
		"Complain": {func(m *datapooltest.Market) sdk.Msg {
			return boxComplaint(m, m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, datapooltest.Seal(nil).SpoilBox())))
		}, types.ErrDealState},
	} {
		t.Run(name, func(t *testing.T) {
			m := datapooltest.NewMarket(t, 2)
			msg := row.message(m)
			m.Must(msg)
			if row.want == nil {
				m.Must(msg)
			} else {
				requireRefused(t, m, msg, row.want)
			}
			m.CheckInvariants()
		})
	}
}

// once returns a message about a deal that its state takes, late one for a deal whose
// deadline has passed.
func once(state types.DealState, name string) func(*datapooltest.Market) sdk.Msg {
	return func(m *datapooltest.Market) sdk.Msg { return dealMessage(m, m.DealIn(state), name) }
}

func late(state types.DealState, name string) func(*datapooltest.Market) sdk.Msg {
	return func(m *datapooltest.Market) sdk.Msg {
		id := m.DealIn(state)
		m.PastDeal(id)
		return dealMessage(m, id, name)
	}
}

func dealMessage(m *datapooltest.Market, id uint64, name string) sdk.Msg {
	for _, message := range dealMessages {
		if message.name == name {
			return message.of(m, m.Deal(id))
		}
	}
	panic(name)
}
