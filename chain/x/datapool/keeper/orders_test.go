package keeper_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestOrdersOfDeliverExpireAndClose takes an acked deal past its deadline and
// runs the three steps that race there in every order: whoever of delivery and
// expiry is first decides, and the close changes only where money goes back to.
func TestOrdersOfDeliverExpireAndClose(t *testing.T) {
	for _, order := range [][3]string{
		{"deliver", "expire", "close"},
		{"deliver", "close", "expire"},
		{"expire", "deliver", "close"},
		{"expire", "close", "deliver"},
		{"close", "deliver", "expire"},
		{"close", "expire", "deliver"},
	} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			m := datapooltest.NewMarket(t, 2)
			id := m.DealIn(types.DEAL_STATE_ACKED)
			m.PastDeal(id)
			steps := map[string]sdk.Msg{
				"deliver": m.NewDelivery(m.Deal(id), m.Sealed[id].Key),
				"expire":  &types.MsgExpire{Sender: string(m.Buyer), DealId: id},
				"close":   &types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool},
			}
			var winner string
			for _, step := range order {
				_, err := m.Exec(steps[step])
				switch {
				case step == "close":
					require.NoError(t, err)
				case winner == "":
					require.NoError(t, err)
					winner = step
				default:
					requireError(t, err, types.ErrDealState)
				}
				m.CheckInvariants()
			}
			for !m.Deal(id).State.Ended() {
				nextBlock(t, m)
			}
			if winner == "deliver" {
				require.Equal(t, 9_900_000+deposit, m.Withdrawable(m.Seller))
				require.Equal(t, pdx.Amount(datapooltest.Price), m.Withdrawable(m.Buyer))
			} else {
				require.Zero(t, m.Withdrawable(m.Seller))
				require.Equal(t, 2*datapooltest.Price+deposit, m.Withdrawable(m.Buyer))
			}
			m.CheckInvariants()
		})
	}
}

// TestOrdersOfComplainFinalizeAndClose runs the three steps that race at the end
// of a dispute in every order, in the last block of the dispute and in the first
// after it: in the one only the complaint can end the deal, in the other only
// the finalization.
func TestOrdersOfComplainFinalizeAndClose(t *testing.T) {
	for _, order := range [][3]string{
		{"complain", "finalize", "close"},
		{"complain", "close", "finalize"},
		{"finalize", "complain", "close"},
		{"finalize", "close", "complain"},
		{"close", "complain", "finalize"},
		{"close", "finalize", "complain"},
	} {
		for _, over := range []bool{false, true} {
			t.Run(fmt.Sprint(order, over), func(t *testing.T) {
				m := datapooltest.NewMarket(t, 2)
				id := m.SealedIn(types.DEAL_STATE_DELIVERED, datapooltest.Seal(nil).SpoilBox())
				deal := m.Deal(id)
				for m.Head().Height < deal.DeadlineHeight {
					nextBlock(t, m)
				}
				winner, end := "complain", types.DEAL_STATE_FRAUD
				if over {
					m.PastDeal(id)
					winner, end = "finalize", types.DEAL_STATE_FINAL
				}
				steps := map[string]sdk.Msg{
					"complain": m.NewBoxComplaint(deal, m.Keys[deal.PoolId]),
					"finalize": &types.MsgFinalize{Sender: string(m.Seller), DealId: id},
					"close":    &types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool},
				}
				done := map[string]bool{}
				for _, step := range order {
					_, err := m.Exec(steps[step])
					switch {
					case step == "close" || step == winner:
						require.NoError(t, err, step)
					case done[winner]:
						requireError(t, err, types.ErrDealState)
					case over:
						requireError(t, err, types.ErrLate)
					default:
						requireError(t, err, types.ErrNotYet)
					}
					done[step] = true
					m.CheckInvariants()
				}
				require.Equal(t, end, m.Deal(id).State)
				require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()))
			})
		}
	}
}

// TestAnyOrderOfAnyStepKeepsTheInvariants walks a market at random. Whatever is
// refused is refused by an error of the module, and the books balance to the
// last umed after every step.
func TestAnyOrderOfAnyStepKeepsTheInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := rapid.Uint32Range(1, 3).Draw(rt, "k")
		m := datapooltest.NewMarket(t, rapid.Uint64Range(1, 3).Draw(rt, "target"), func(p *types.MsgCreatePool) {
			p.RequiredCertificates = k
			p.DrawCount = rapid.SampledFrom([]uint32{0, k, 3}).Draw(rt, "drawn")
			p.AckMode = rapid.SampledFrom([]types.AckMode{types.ACK_MODE_BUYER, types.ACK_MODE_QUORUM}).Draw(rt, "ack mode")
			p.ExpiryTime = p.ExpiryTime.Add(-950 * datapooltest.BlockTime)
		})
		var ids []uint64
		deal := func() uint64 {
			if len(ids) == 0 {
				return 1
			}
			return rapid.SampledFrom(ids).Draw(rt, "deal")
		}
		validator := func() pdx.Address { return rapid.SampledFrom(m.Validators).Draw(rt, "validator") }
		try := func(msg sdk.Msg) any {
			response, err := m.Exec(msg)
			if err != nil {
				var known *errorsmod.Error
				require.True(t, errors.As(err, &known) && known.Codespace() == types.ModuleName, "%v", err)
			}
			return response
		}
		offer := func(*rapid.T) {
			sealed := datapooltest.Seal([]byte{byte(len(ids))})
			if rapid.Bool().Draw(rt, "bad box") {
				sealed = sealed.SpoilBox()
			}
			if r, ok := try(m.SellerOffer(sealed)).(*types.MsgOfferResponse); ok {
				m.Sealed[r.DealId] = sealed
				ids = append(ids, r.DealId)
			}
		}
		certify := func(*rapid.T) { try(m.NewAccept(deal(), validator())) }
		rt.Repeat(map[string]func(*rapid.T){
			"offer": offer, "offer again": offer,
			"accept": certify, "accept again": certify,
			"reject": func(*rapid.T) { try(m.NewReject(deal(), validator())) },
			"reveal": func(*rapid.T) {
				if pool := m.GetPool(); pool.DrawCount != 0 {
					reveal := m.NewReveal(pool, m.Keys[m.Pool])
					reveal.Height -= rapid.Int64Range(0, 2).Draw(rt, "behind")
					try(reveal)
				}
			},
			"draw": func(*rapid.T) { try(&types.MsgDraw{Sender: string(m.Seller), PoolId: m.Pool}) },
			"ack":  func(*rapid.T) { try(m.NewAck(deal())) },
			"deliver": func(*rapid.T) {
				if id := deal(); len(ids) > 0 && m.Deal(id).State == types.DEAL_STATE_ACKED {
					try(m.NewDelivery(m.Deal(id), m.Sealed[id].Key))
				}
			},
			"challenge": func(*rapid.T) {
				if id := deal(); len(ids) > 0 {
					try(m.NewChallenge(id, 0))
				}
			},
			"answer": func(*rapid.T) {
				if id := deal(); len(ids) > 0 {
					try(m.NewAnswer(id, validator()))
				}
			},
			"default ack": func(*rapid.T) { try(&types.MsgDefaultAck{Sender: string(m.Seller), DealId: deal()}) },
			"deliver on a voucher": func(*rapid.T) {
				if id := deal(); len(ids) > 0 {
					height := m.Head().Height
					try(onVoucher(m, id, height-rapid.Int64Range(0, 5).Draw(rt, "ack"), height+rapid.Int64Range(0, 5).Draw(rt, "expiry")))
				}
			},
			"complain": func(*rapid.T) {
				if id := deal(); len(ids) > 0 && m.Deal(id).Delivery != nil {
					try(m.NewBoxComplaint(m.Deal(id), m.Keys[m.Pool]))
				}
			},
			"unbond": func(rt *rapid.T) {
				if rapid.IntRange(0, 4).Draw(rt, "unbond") == 0 {
					try(&types.MsgUnbond{Validator: string(validator())})
				}
			},
			"unjail": func(*rapid.T) { try(&types.MsgUnjail{Validator: string(validator())}) },
			"add bond": func(*rapid.T) {
				try(&types.MsgAddBond{Validator: string(validator()), Amount: datapooltest.Coin(100_000_000)})
			},
			"register": func(*rapid.T) { try(datapooltest.NewValidator(validator(), 100)) },
			"commission": func(*rapid.T) {
				try(&types.MsgSetCommission{Validator: string(validator()), CommissionBp: rapid.Uint32Range(0, 300).Draw(rt, "bp")})
			},
			"expire":   func(*rapid.T) { try(&types.MsgExpire{Sender: string(m.Buyer), DealId: deal()}) },
			"finalize": func(*rapid.T) { try(&types.MsgFinalize{Sender: string(m.Buyer), DealId: deal()}) },
			"withdraw": func(*rapid.T) {
				who := rapid.SampledFrom([]pdx.Address{m.Seller, m.Buyer, m.Validators[0], m.Validators[1]}).Draw(rt, "who")
				try(&types.MsgWithdraw{Address: string(who)})
			},
			"close": func(rt *rapid.T) {
				if rapid.IntRange(0, 9).Draw(rt, "close") == 0 {
					try(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool})
				}
			},
			"blocks": func(*rapid.T) {
				for range rapid.IntRange(1, 12).Draw(rt, "n") {
					nextBlock(t, m)
				}
			},
			"": func(*rapid.T) {
				m.CheckInvariants()
				require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()), "the books do not balance")
			},
		})
	})
}
