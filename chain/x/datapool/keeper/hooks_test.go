package keeper_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// called are the deals that hooks were called for.
type called struct{ final, fraud []uint64 }

// hook notes what it is called for, and then does something.
type hook struct {
	*called
	do func(sdk.Context) error
}

func (h hook) AfterDealFinal(ctx context.Context, d types.Deal) error {
	h.final = append(h.final, d.Id)
	return h.do(sdk.UnwrapSDKContext(ctx))
}

func (h hook) AfterConviction(ctx context.Context, d types.Deal) error {
	h.fraud = append(h.fraud, d.Id)
	return h.do(sdk.UnwrapSDKContext(ctx))
}

// breakPromise ends a deal by a challenge that nobody answers.
func breakPromise(m *datapooltest.Market) uint64 {
	m.Restore(m.Validators[0]) // which the fraud had jailed
	m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) { p.AckMode = types.ACK_MODE_QUORUM })
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	m.Must(m.NewChallenge(id, 0))
	pastChallenge(m, id)
	m.Must(&types.MsgExpire{Sender: string(m.Seller), DealId: id})
	return id
}

// TestHooksUndoNothing ends deals by message, by the end blocker, by a conviction and by a
// broken promise, while hooks fail, panic and spend gas without end.
func TestHooksUndoNothing(t *testing.T) {
	noted := func(ctx sdk.Context) error {
		return ctx.EventManager().EmitTypedEvent(&types.EventParamsUpdated{Authority: "a hook"})
	}
	for name, c := range map[string]struct {
		do    func(sdk.Context) error
		lasts bool
	}{
		"does its work": {noted, true},
		"fails":         {func(ctx sdk.Context) error { _ = noted(ctx); return errors.New("no") }, false},
		"panics":        {func(ctx sdk.Context) error { _ = noted(ctx); panic("no") }, false},
		"spends too much": {func(ctx sdk.Context) error {
			_ = noted(ctx)
			ctx.GasMeter().ConsumeGas(types.HookGas+1, "without end")
			return nil
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			m, seen := datapooltest.NewMarket(t, 9), &called{}
			m.Keeper.SetHooks(hook{seen, c.do}, hook{seen, func(sdk.Context) error { return nil }})
			require.Panics(t, func() { m.Keeper.SetHooks(hook{seen, c.do}) }, "hooks are set once")
			queue := m.DealIn(types.DEAL_STATE_DELIVERED)
			m.PastDeal(queue)
			message := m.DealIn(types.DEAL_STATE_FINAL)
			fraud := m.DealIn(types.DEAL_STATE_FRAUD)
			m.Expire(m.DealIn(types.DEAL_STATE_ACKED))
			m.Expire(m.DealIn(types.DEAL_STATE_CERTIFIED))
			promise := breakPromise(m)
			require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(queue).State)
			require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(message).State)
			require.Equal(t, types.DEAL_STATE_FRAUD, m.Deal(fraud).State)
			require.Equal(t, []uint64{queue, queue, message, message}, seen.final, "each hook is called once, whatever another does")
			require.Equal(t, []uint64{fraud, fraud, promise, promise}, seen.fraud)
			m.CheckInvariants()
			left := 0
			if c.lasts {
				left = 4
			}
			require.Len(t, events[*types.EventParamsUpdated](m), left, "what a hook that failed did is dropped")
		})
	}
}
