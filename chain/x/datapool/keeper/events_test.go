package keeper_test

import (
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestEveryStepEmitsItsEvents pins what each message tells the world, in order.
func TestEveryStepEmitsItsEvents(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	buyer, seller, validator, anyone := string(m.Buyer), string(m.Seller), string(m.Validators[0]), string(datapooltest.Account("anyone"))
	step := func(msg sdk.Msg, want ...proto.Message) {
		t.Helper()
		before := len(m.Events())
		m.Must(msg)
		require.Equal(t, want, m.Events()[before:])
	}
	state := func(id uint64, s types.DealState) proto.Message {
		return &types.EventDealState{PoolId: 2, DealId: id, State: s, Seller: seller, Buyer: buyer}
	}
	certificate := func(id uint64, v types.Verdict, r types.RejectReason, validator string) proto.Message {
		return &types.EventCertificate{PoolId: 2, DealId: id, Validator: validator, Verdict: v, Reason: r}
	}
	credited := func(id uint64, to, amount string) proto.Message {
		return &types.EventCredited{Address: to, Amount: amount, DealId: id}
	}
	offer := func() *types.MsgOffer {
		return m.NewOffer(2, m.Seller, datapooltest.Seal(nil), m.Validators[0])
	}

	m.Fund(datapooltest.Account("anyone"), datapooltest.Wealth)
	step(datapooltest.NewValidator(datapooltest.Account("anyone"), 100),
		&types.EventValidatorRegistered{Validator: anyone, Bond: "1000000000"})
	step(&types.MsgUpdateValidator{Validator: anyone, PeerId: "Qm"}, &types.EventValidatorUpdated{Validator: anyone})
	step(&types.MsgAddBond{Validator: anyone, Amount: datapooltest.Coin(5)},
		&types.EventBondAdded{Validator: anyone, Amount: "5", Bond: "1000000005"})
	step(&types.MsgSetCommission{Validator: anyone, CommissionBp: 150}, &types.EventCommission{Validator: anyone, CommissionBp: 150})
	status := func(s types.ValidatorStatus) proto.Message {
		return &types.EventValidatorStatus{Validator: anyone, Status: s}
	}
	step(&types.MsgUnbond{Validator: anyone}, status(types.VALIDATOR_STATUS_UNBONDING))
	require.NoError(t, m.Past(0, m.Validator(datapooltest.Account("anyone")).UnbondingTime))
	step(&types.MsgWithdraw{Address: anyone}, status(types.VALIDATOR_STATUS_UNBONDED), credited(0, anyone, "1000000005"),
		&types.EventWithdrawn{Address: anyone, Amount: "1000000005"})
	step(m.NewPool(m.Buyer, m.BuyerKey, 2, m.Validators...), &types.EventPoolCreated{PoolId: 2, Buyer: buyer})

	step(offer(), state(1, types.DEAL_STATE_OFFERED))
	step(m.NewReject(1, m.Validators[0]), certificate(1, types.VERDICT_REJECT, types.REJECT_REASON_CRITERIA, validator),
		credited(1, string(datapooltest.Authority()), "1000000"), state(1, types.DEAL_STATE_LAPSED))

	step(offer(), state(2, types.DEAL_STATE_OFFERED))
	step(m.NewAccept(2, m.Validators[0]), certificate(2, types.VERDICT_ACCEPT, 0, validator), state(2, types.DEAL_STATE_CERTIFIED))
	step(m.NewAck(2), &types.EventDealState{
		PoolId: 2, DealId: 2, State: types.DEAL_STATE_ACKED, Seller: seller, Buyer: buyer, AckedBy: types.ACK_KIND_BUYER,
	})
	m.PastDeal(2)
	step(&types.MsgExpire{Sender: anyone, DealId: 2}, credited(2, buyer, "1000000"), state(2, types.DEAL_STATE_UNDELIVERED))

	sealed := datapooltest.Seal(nil)
	step(m.NewOffer(2, m.Seller, sealed, m.Validators[0]), state(3, types.DEAL_STATE_OFFERED))
	m.Accept(3)
	m.Ack(3)
	step(m.NewDelivery(m.Deal(3), sealed.Key), state(3, types.DEAL_STATE_DELIVERED))
	m.PastDeal(3)
	step(&types.MsgFinalize{Sender: anyone, DealId: 3}, credited(3, validator, "100000"),
		credited(3, seller, "10900000"), state(3, types.DEAL_STATE_FINAL))
	step(&types.MsgClosePool{Buyer: buyer, PoolId: 2}, credited(0, buyer, "10000000"),
		&types.EventPoolStatus{PoolId: 2, Status: types.POOL_STATUS_CLOSED, Refund: "10000000"})
	step(&types.MsgWithdraw{Address: seller}, &types.EventWithdrawn{Address: seller, Amount: "10900000"})
}

// TestAConvictionEmitsItsEvents pins what a complaint that holds tells, in order.
func TestAConvictionEmitsItsEvents(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	id := m.DealIn(types.DEAL_STATE_FRAUD)
	events := m.Events()
	require.Equal(t, []proto.Message{
		&types.EventSlashed{Validator: string(m.Validators[0]), DealId: id, Amount: "8800000", Bond: "991200000"},
		&types.EventValidatorStatus{Validator: string(m.Validators[0]), Status: types.VALIDATOR_STATUS_JAILED},
		&types.EventCredited{Address: string(m.Buyer), Amount: "12800100", DealId: id},
		&types.EventCredited{Address: string(datapooltest.Authority()), Amount: "6999900", DealId: id},
		&types.EventConvicted{PoolId: m.Pool, DealId: id, Kind: types.COMPLAINT_KIND_BOX},
		&types.EventDealState{PoolId: m.Pool, DealId: id, State: types.DEAL_STATE_FRAUD, Seller: string(m.Seller), Buyer: string(m.Buyer)},
	}, events[len(events)-6:])
}

func TestTheLastDeliveryTellsThatThePoolIsFilled(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	m.DealIn(types.DEAL_STATE_DELIVERED)
	events := m.Events()
	require.Equal(t, &types.EventPoolStatus{PoolId: m.Pool, Status: types.POOL_STATUS_FILLED, Refund: "0"}, events[len(events)-1])
}
