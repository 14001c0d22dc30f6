package app_test

import (
	"fmt"
	"testing"

	"cosmossdk.io/log"
	upgradetypes "cosmossdk.io/x/upgrade/types"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/app/apptest"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// TestAnUpgradeWithOpenDeals has the software change while there is a deal in each state that
// has not ended, one that waits for its draw included. The old software halts, the new one
// changes nothing of the exchange, and every deal goes on to its end.
func TestAnUpgradeWithOpenDeals(t *testing.T) {
	db := dbm.NewMemDB()
	s := &sales{sealed: map[uint64]datapooltest.Sealed{}}
	params := datapooltest.Params()
	params.DrawWait = 100 * datapooltest.BlockTime
	d := &params.DefaultDeadlines
	d.Certify, d.Ack, d.Key, d.Dispute = params.DrawWait, params.DrawWait, params.DrawWait, params.DrawWait
	s.Chain = apptest.New(t, db, params, []string{"buyer", "seller", "validator 0", "validator 1"})
	s.open()
	waiting := s.offer(2)
	offered, certified, acked, delivered := s.offer(1), s.offer(1), s.offer(1), s.offer(1)
	for _, id := range []uint64{certified, acked, delivered} {
		s.accept(id)
	}
	s.ack(acked)
	s.ack(delivered)
	s.deliver(delivered)

	const name = "next"
	ctx := s.NewUncachedContext(false, cmtproto.Header{Height: s.Height})
	require.NoError(t, s.Upgrade.ScheduleUpgrade(ctx, upgradetypes.Plan{Name: name, Height: s.Height + 2}))
	s.Block()
	before := s.state()
	_, err := s.FinalizeBlock(&abci.RequestFinalizeBlock{Height: s.Height + 1, Time: s.Time.Add(datapooltest.BlockTime)})
	require.ErrorContains(t, err, name)

	next, err := app.New(log.NewNopLogger(), db, t.TempDir(), baseapp.SetChainID(apptest.ID))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, next.Close()) })
	next.AddChange(name)
	s.App = next
	s.Block()
	height, err := s.Upgrade.GetDoneHeight(s.NewContext(true), name)
	require.NoError(t, err)
	require.Equal(t, s.Height, height)
	require.Equal(t, before, s.state())

	s.accept(offered)
	s.ack(certified)
	s.deliver(certified)
	s.deliver(acked)
	for range 210 {
		s.Block()
	}
	for id, want := range map[uint64]types.DealState{
		waiting: types.DEAL_STATE_LAPSED, offered: types.DEAL_STATE_UNACKED, certified: types.DEAL_STATE_FINAL,
		acked: types.DEAL_STATE_FINAL, delivered: types.DEAL_STATE_FINAL,
	} {
		require.Equal(t, want, s.Deal(id).State)
	}
	require.NotZero(t, s.Deal(waiting).Draw.Height, "it was drawn when its wait was over")
	require.NoError(t, s.Datapool.CheckInvariants(s.NewContext(true)))
}

// sales are a chain with two pools, of which the second draws.
type sales struct {
	*apptest.Chain
	sealed map[uint64]datapooltest.Sealed
}

func (s *sales) step(from pdx.Address, msg sdk.Msg) *abci.ExecTxResult {
	s.T.Helper()
	return s.Block(s.Sign(from, msg))[0]
}

func (s *sales) validators() []pdx.Address {
	return []pdx.Address{datapooltest.Account("validator 0"), datapooltest.Account("validator 1")}
}

func (s *sales) open() {
	for _, v := range s.validators() {
		s.step(v, datapooltest.NewValidator(v, 100))
	}
	buyer, key := datapooltest.Account("buyer"), seal.NewBuyerKey()
	s.step(buyer, s.Messages().NewPool(buyer, seal.NewBuyerKey(), 9, s.validators()...))
	drawing := s.Messages().NewPool(buyer, key, 9, s.validators()...)
	datapooltest.Draws(drawing, key, 2)
	s.step(buyer, drawing)
}

func (s *sales) offer(pool uint64) uint64 {
	seller := datapooltest.Account("seller")
	sealed := datapooltest.Seal(fmt.Appendf(nil, "dataset %d", len(s.sealed)))
	msg := s.Messages().NewOffer(pool, seller, sealed)
	if pool == 1 {
		msg = s.Messages().NewOffer(pool, seller, sealed, s.validators()...)
	}
	id := apptest.Answer[types.MsgOfferResponse](s.T, s.step(seller, msg)).DealId
	s.sealed[id] = sealed
	return id
}

func (s *sales) accept(id uint64) {
	v := s.validators()[0]
	msg := s.Messages().NewAccept(s.Deal(id), v)
	msg.ExpiryHeight = s.Height + 1_000
	s.step(v, msg)
}

func (s *sales) ack(id uint64) {
	s.step(datapooltest.Account("buyer"), s.Messages().NewAck(s.Deal(id)))
}

func (s *sales) deliver(id uint64) {
	s.step(datapooltest.Account("seller"), s.Messages().NewDelivery(s.Deal(id), s.sealed[id].Key))
}

func (s *sales) state() *types.GenesisState {
	g, err := s.Datapool.ExportGenesis(s.NewContext(true))
	require.NoError(s.T, err)
	return g
}
