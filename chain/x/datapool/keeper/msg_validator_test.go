package keeper_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// contact gives the fields that registering and updating share.
type contact struct {
	peerID    *string
	addresses *[]string
	moniker   *string
}

func contactRefusals[M any](of func(*M) contact) []refusal[M] {
	row := func(name string, change func(contact), want refusal[M]) refusal[M] {
		want.name = name
		want.change = func(_ *datapooltest.Market, m *M) { change(of(m)) }
		return want
	}
	peerID, addresses, text := refusal[M]{want: types.ErrPeerID}, refusal[M]{want: types.ErrPeerAddresses}, refusal[M]{want: types.ErrText}
	many := make([]string, types.MaxPeerAddresses+1)
	for i := range many {
		many[i] = fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", 4001+i)
	}
	return []refusal[M]{
		row("no peer id", func(c contact) { *c.peerID = "" }, peerID),
		row("long peer id", func(c contact) { *c.peerID = strings.Repeat("Q", types.MaxPeerIDLen+1) }, peerID),
		row("peer id with space", func(c contact) { *c.peerID = "12D3 KooW" }, peerID),
		row("many addresses", func(c contact) { *c.addresses = many }, addresses),
		row("repeated address", func(c contact) { *c.addresses = []string{"/ip4/1.2.3.4", "/ip4/1.2.3.4"} }, addresses),
		row("not a multiaddr", func(c contact) { *c.addresses = []string{"http://example.org"} }, addresses),
		row("empty address", func(c contact) { *c.addresses = []string{""} }, addresses),
		row("long address", func(c contact) { *c.addresses = []string{"/" + strings.Repeat("a", types.MaxPeerAddressLen)} }, addresses),
		row("address with line break", func(c contact) { *c.addresses = []string{"/ip4\n"} }, addresses),
		row("long moniker", func(c contact) { *c.moniker = strings.Repeat("m", types.MaxMonikerLen+1) }, text),
		row("moniker with escape", func(c contact) { *c.moniker = "\x1b[2J" }, text),
		row("moniker not UTF-8", func(c contact) { *c.moniker = "\xff" }, text),
	}
}

func TestRegisterValidatorRefusals(t *testing.T) {
	type M = types.MsgRegisterValidator
	rows := append(contactRefusals(func(m *M) contact { return contact{&m.PeerId, &m.Addresses, &m.Moniker} }), []refusal[M]{
		{"no bond", func(_ *datapooltest.Market, m *M) { m.Bond = sdk.Coin{Denom: pdx.Denom} }, types.ErrAmount},
		{"zero bond", func(_ *datapooltest.Market, m *M) { m.Bond = datapooltest.Coin(0) }, types.ErrAmount},
		{"negative bond", func(_ *datapooltest.Market, m *M) { m.Bond.Amount = math.NewInt(-1) }, types.ErrAmount},
		{"bond beyond 64 bits", func(_ *datapooltest.Market, m *M) { m.Bond.Amount = math.NewIntFromUint64(1 << 63).MulRaw(2) }, types.ErrAmount},
		{"other denomination", func(_ *datapooltest.Market, m *M) { m.Bond.Denom = "uatom" }, types.ErrDenom},
		{"bond below the least", func(_ *datapooltest.Market, m *M) { m.Bond.Amount = datapooltest.Params().MinBond.SubRaw(1) }, types.ErrBond},
		{"commission above the price", func(_ *datapooltest.Market, m *M) { m.MaxCommissionBp = types.BasisPoints + 1 }, types.ErrCommission},
		{"commission above the maximum", func(_ *datapooltest.Market, m *M) {
			m.CommissionBp, m.MaxCommissionBp, m.MaxCommissionChangeBp = 2, 1, 0
		}, types.ErrCommission},
		{"change above the maximum", func(_ *datapooltest.Market, m *M) {
			m.MaxCommissionBp, m.MaxCommissionChangeBp = 100, 101
		}, types.ErrCommission},
		{"no address", func(_ *datapooltest.Market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"upper-case address", func(_ *datapooltest.Market, m *M) { m.Validator = strings.ToUpper(m.Validator) }, types.ErrAddress},
		{"foreign address", func(_ *datapooltest.Market, m *M) {
			m.Validator = "cosmos1zg69v7yszg69v7yszg69v7yszg69v7ys8xdv96"
		}, types.ErrAddress},
		{"registered", func(x *datapooltest.Market, m *M) { m.Validator = string(x.Validators[0]) }, types.ErrValidatorExists},
		{"no funds", func(_ *datapooltest.Market, m *M) { m.Validator = string(datapooltest.Account("poor")) }, types.ErrFunds},
	}...)
	testRefusals(t, types.MsgServer.RegisterValidator, func(t *testing.T) (*datapooltest.Market, *M) {
		m := datapooltest.NewMarket(t, 1)
		account := datapooltest.Account("new validator")
		m.Fund(account, datapooltest.Wealth)
		return m, datapooltest.NewValidator(account, 100)
	}, rows)
}

func TestUpdateValidatorRefusals(t *testing.T) {
	type M = types.MsgUpdateValidator
	rows := append(contactRefusals(func(m *M) contact { return contact{&m.PeerId, &m.Addresses, &m.Moniker} }), []refusal[M]{
		{"no address", func(_ *datapooltest.Market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"not registered", func(x *datapooltest.Market, m *M) { m.Validator = string(x.Seller) }, types.ErrValidatorNotFound},
	}...)
	testRefusals(t, types.MsgServer.UpdateValidator, func(t *testing.T) (*datapooltest.Market, *M) {
		m := datapooltest.NewMarket(t, 1)
		return m, &M{Validator: string(m.Validators[0]), PeerId: "QmOther", Addresses: []string{"/dns4/example.org/tcp/4001"}, Moniker: "other"}
	}, rows)
}

func TestUpdateValidatorKeepsBondAndCommission(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	before := m.Export().Validators
	for _, v := range before {
		m.Must(&types.MsgUpdateValidator{Validator: v.Address, PeerId: "QmOther", Addresses: nil, Moniker: "other"})
	}
	for i, after := range m.Export().Validators {
		require.Equal(t, "QmOther", after.PeerId)
		require.Equal(t, "other", after.Moniker)
		require.Empty(t, after.Addresses)
		require.Equal(t, before[i].Bond, after.Bond)
		require.Equal(t, before[i].CommissionBp, after.CommissionBp)
	}
}
