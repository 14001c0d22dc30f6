package keeper_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestNobodyClaimsAnothersDataset has a squatter that saw an offer before the chain had it.
func TestNobodyClaimsAnothersDataset(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	squatter := datapooltest.Account("squatter")
	m.Fund(squatter, datapooltest.Wealth)
	honest := datapooltest.Seal([]byte("honest"))
	offer := m.NewOffer(m.Pool, m.Seller, honest, m.Validators...)

	copied := *offer
	copied.Seller = string(squatter)
	requireRefused(t, m, &copied, types.ErrPossession)

	// Under a key of its own it may have the root, and takes nothing from the other.
	forged := datapooltest.Seal([]byte("forged"))
	forged.Dataset.Root = honest.Dataset.Root
	m.Must(m.NewOffer(m.Pool, squatter, forged, m.Validators...))
	id := m.Must(offer).(*types.MsgOfferResponse).DealId
	m.Sealed[id] = honest
	m.CheckInvariants()
	requireRefused(t, m, offer, types.ErrRootSeen)

	m.Accept(id)
	m.Ack(id)
	m.Deliver(id)
	m.CheckInvariants()
}

// TestChargesThatRiseBeforeAnOffer has a validator raise its commission, and governance the
// deposit, between the seller's look and its offer.
func TestChargesThatRiseBeforeAnOffer(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	offer := m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...)
	offer.MaxCommissionBp = 100
	m.Must(&types.MsgSetCommission{Validator: string(m.Validators[0]), CommissionBp: 200})
	requireRefused(t, m, offer, types.ErrOfferCommission)

	offer = m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...)
	params := datapooltest.Params()
	params.OfferDeposit = params.OfferDeposit.AddRaw(1)
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	requireRefused(t, m, offer, types.ErrOfferDeposit)
}

// TestAVerdictIsAboutWhatWasChecked: an endpoint shows a good dataset under the number of a
// bad one. What its victims send is about the good one.
func TestAVerdictIsAboutWhatWasChecked(t *testing.T) {
	m := datapooltest.NewMarket(t, 3)
	good, bad := m.OfferSealed(datapooltest.Seal(nil)), m.OfferSealed(datapooltest.Seal(nil).SpoilBox())
	shown := m.Deal(good)
	shown.Id = bad
	lied := m.Chain.NewAccept(shown, m.Validators[0])
	requireRefused(t, m, lied, types.ErrFacts)

	m.Must(m.Chain.NewAccept(m.Deal(bad), m.Validators[1])) // a colluder's
	lie := m.Chain.NewAck(shown)
	requireRefused(t, m, lie, types.ErrFacts)
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(bad).State)
}

// TestEveryFactCounts changes each field of a deal that the facts hash covers.
func TestEveryFactCounts(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	deal := m.Deal(m.Offer())
	for name, lie := range map[string]func(*types.Deal){
		"pool":         func(d *types.Deal) { d.PoolId++ },
		"seller":       func(d *types.Deal) { d.Seller = d.Buyer },
		"buyer":        func(d *types.Deal) { d.Buyer = d.Seller },
		"buyer key":    func(d *types.Deal) { d.BuyerKey = d.Dataset.DatasetKey },
		"price":        func(d *types.Deal) { d.Price = d.Price.AddRaw(1) },
		"k":            func(d *types.Deal) { d.RequiredCertificates++ },
		"criteria":     func(d *types.Deal) { d.CriteriaCid = flip(d.CriteriaCid) },
		"terms":        func(d *types.Deal) { d.TermsHash = flip(d.TermsHash) },
		"fields":       func(d *types.Deal) { d.FieldsHash = flip(d.FieldsHash) },
		"root":         func(d *types.Deal) { d.Dataset.Root = flip(d.Dataset.Root) },
		"size":         func(d *types.Deal) { d.Dataset.Size_++ },
		"dataset key":  func(d *types.Deal) { d.Dataset.DatasetKey = d.BuyerKey },
		"nonce":        func(d *types.Deal) { d.Dataset.Nonce = flip(d.Dataset.Nonce) },
		"AEAD":         func(d *types.Deal) { d.Dataset.Aead = string(pdx.ChaCha20Poly1305) },
		"box":          func(d *types.Deal) { d.Dataset.Box = flip(d.Dataset.Box) },
		"key commit":   func(d *types.Deal) { d.Dataset.KeyCommit = flip(d.Dataset.KeyCommit) },
		"commitment":   func(d *types.Deal) { d.Dataset.PlaintextCommitment = flip(d.Dataset.PlaintextCommitment) },
		"another deal": func(d *types.Deal) { d.Id++ },
	} {
		t.Run(name, func(t *testing.T) {
			shown := m.Deal(deal.Id)
			lie(&shown)
			msg := m.Chain.NewAccept(shown, m.Validators[0])
			msg.DealId = deal.Id
			requireRefused(t, m, msg, types.ErrFacts)
		})
	}
	m.Accept(deal.Id)
}

func flip(b []byte) []byte {
	b = append([]byte(nil), b...)
	b[len(b)-1] ^= 1
	return b
}

// TestEndedDealsAreInNobodysWay: however many junk offers lapsed, a validator's list of what
// waits for it has one short page, and so has the list of a state.
func TestEndedDealsAreInNobodysWay(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	junk := datapooltest.Seal(nil)
	for range types.MaxPageScan + 50 {
		m.Must(&types.MsgWithdrawOffer{Seller: string(m.Seller), DealId: m.OfferSealed(junk)})
	}
	id := m.Offer()
	for name, req := range map[string]*types.QueryDealsRequest{
		"validator":           {Validator: string(m.Validators[0])},
		"validator and state": {Validator: string(m.Validators[0]), State: types.DEAL_STATE_OFFERED},
		"state":               {State: types.DEAL_STATE_OFFERED},
	} {
		require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
			resp, err := q.Deals(ctx, req)
			require.NoError(t, err)
			require.Len(t, resp.Deals, 1, name)
			require.Equal(t, id, resp.Deals[0].Id, name)
			require.Empty(t, resp.Pagination.NextKey, name)
			return nil
		}))
	}
	require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error { // what has ended is found by number
		last := &query.PageRequest{Limit: 2, Reverse: true}
		resp, err := q.Deals(ctx, &types.QueryDealsRequest{State: types.DEAL_STATE_LAPSED, Pagination: last})
		require.NoError(t, err)
		require.Len(t, resp.Deals, 2)
		require.Equal(t, id-1, resp.Deals[0].Id)
		return nil
	}))
	m.CheckInvariants()
}

// TestPagesAreBoundedInBytes reads deals with the longest texts, page by page.
func TestPagesAreBoundedInBytes(t *testing.T) {
	m := datapooltest.NewMarket(t, 99)
	const deals = 24
	for range deals {
		offer := m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...)
		offer.DisclosedFields = longestFields()
		m.Must(offer)
	}
	for _, texts := range []bool{true, false} {
		req, pages, found := &types.QueryDealsRequest{Texts: texts, Pagination: &query.PageRequest{}}, 0, 0
		for {
			require.NoError(t, m.Read(func(ctx sdk.Context, q types.QueryServer) error {
				resp, err := q.Deals(ctx, req)
				require.NoError(t, err)
				require.Less(t, resp.Size(), types.MaxPageBytes+100_000)
				for _, d := range resp.Deals {
					require.Equal(t, texts, len(d.DisclosedFields) > 0)
					require.Equal(t, types.HashFields(longestFields()), d.FieldsHash)
				}
				found += len(resp.Deals)
				req.Pagination.Key = resp.Pagination.NextKey
				return nil
			}))
			if pages++; len(req.Pagination.Key) == 0 {
				break
			}
		}
		require.Equal(t, deals, found)
		require.Equal(t, texts, pages > 1)
	}
}

// longestFields are as many and as long as an offer may disclose.
func longestFields() (fields []string) {
	for i := range types.MaxDisclosedFields {
		fields = append(fields, "/"+strings.Repeat("f", types.MaxFieldLen-4)+fmt.Sprintf("%03d", i))
	}
	return fields
}
