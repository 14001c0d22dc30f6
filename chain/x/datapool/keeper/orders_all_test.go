package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// permutations calls visit with every order of the items.
func permutations(items []string, visit func([]string)) {
	var walk func(int)
	walk = func(k int) {
		if k == len(items) {
			visit(items)
			return
		}
		for i := k; i < len(items); i++ {
			items[k], items[i] = items[i], items[k]
			walk(k + 1)
			items[k], items[i] = items[i], items[k]
		}
	}
	walk(0)
}

// TestEveryOrderOfTheSteps takes an acked deal about a bad box past its deadline
// and runs all six steps that can meet there in each of the 720 orders. Delivery
// and expiry exclude each other, the complaint holds exactly after the delivery,
// and closing, parameters and a validator's leaving change none of it.
func TestEveryOrderOfTheSteps(t *testing.T) {
	steps := []string{"deliver", "expire", "close", "params", "unbond", "complain"}
	permutations(steps, func(order []string) {
		name := strings.Join(order, " ")
		m := datapooltest.NewMarket(t, 2)
		id := m.SealedIn(types.DEAL_STATE_ACKED, datapooltest.Seal(nil).SpoilBox())
		m.PastDeal(id)
		want := types.DEAL_STATE_ACKED
		for _, step := range order {
			takes := want == types.DEAL_STATE_ACKED
			switch step {
			case "deliver":
				want = either(takes, types.DEAL_STATE_DELIVERED, want)
			case "expire":
				want = either(takes, types.DEAL_STATE_UNDELIVERED, want)
			case "complain":
				takes = want == types.DEAL_STATE_DELIVERED
				want = either(takes, types.DEAL_STATE_FRAUD, want)
			default:
				takes = true
			}
			_, err := m.Exec(stepOf(m, step, id))
			if takes {
				require.NoError(t, err, "%s in %s", step, name)
			} else {
				require.ErrorIs(t, err, types.ErrDealState, "%s in %s", step, name)
			}
			require.Equal(t, want, m.Deal(id).State, name)
		}
		for !m.Deal(id).State.Ended() {
			nextBlock(t, m)
		}
		requireSettled(t, m, id, name)
	})
}

func either(condition bool, yes, no types.DealState) types.DealState {
	if condition {
		return yes
	}
	return no
}

// stepOf returns the message of a step as the state has it.
func stepOf(m *datapooltest.Market, step string, id uint64) sdk.Msg {
	deal := m.Deal(id)
	switch step {
	case "deliver":
		return m.NewDelivery(deal, m.Sealed[id].Key)
	case "expire":
		return &types.MsgExpire{Sender: string(m.Buyer), DealId: id}
	case "close":
		return &types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool}
	case "params":
		return &types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: types.DefaultParams()}
	case "unbond":
		return &types.MsgUnbond{Validator: string(m.Validators[0])}
	}
	if deal.Delivery == nil { // a well-formed one about a delivery that is not there
		deal.Delivery = &types.Delivery{D1: deal.BuyerKey, D2: deal.Dataset.DatasetKey}
	}
	return m.NewBoxComplaint(deal, m.Keys[m.Pool])
}

// requireSettled follows the money of every end.
func requireSettled(t *testing.T, m *datapooltest.Market, id uint64, name string) {
	t.Helper()
	m.CheckInvariants()
	g := m.Export()
	require.Equal(t, g.Owed().Uint64(), uint64(m.Held()), name)
	refund := pdx.Amount(datapooltest.Price) // the place that nobody took
	switch state := m.Deal(id).State; state {
	case types.DEAL_STATE_UNDELIVERED:
		require.Equal(t, 2*refund+deposit, m.Withdrawable(m.Buyer), name)
		require.Zero(t, m.Withdrawable(m.Seller), name)
	case types.DEAL_STATE_FRAUD:
		require.Equal(t, 2*refund+deposit+1_800_100, m.Withdrawable(m.Buyer), name)
		require.Zero(t, m.Withdrawable(m.Seller), name)
	case types.DEAL_STATE_FINAL:
		require.Equal(t, refund, m.Withdrawable(m.Buyer), name)
		require.Equal(t, 9_900_000+deposit, m.Withdrawable(m.Seller), name)
	default:
		t.Fatalf("%s ended in %s", name, state)
	}
}
