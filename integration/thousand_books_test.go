package integration_test

import (
	"slices"
	"sync"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/integration/market"
)

// thousandBooks are what everybody can spend at a height at which nobody has
// bonds or balances.
type thousandBooks struct {
	height int64
	purses map[pdx.Address]pdx.Amount
}

// books opens the books, then registers the validators.
func (x *exchange) books() thousandBooks {
	x.t.Helper()
	b := thousandBooks{height: x.height(), purses: map[pdx.Address]pdx.Amount{}}
	for _, c := range x.everybody() {
		b.purses[c.Account()] = x.balance(c.Account())
	}
	x.bond()
	return b
}

func (x *exchange) everybody() []*client.Client {
	all := append([]*client.Client{x.buyer}, x.sellers...)
	for _, v := range x.validators {
		all = append(all, v)
	}
	return all
}

func (x *exchange) balance(a pdx.Address) pdx.Amount {
	x.t.Helper()
	var amount pdx.Amount
	require.NoError(x.t, x.insist(func() (err error) { amount, err = x.reader.Balance(x.t.Context(), a); return err }))
	return amount
}

// settle ends all pools, pays all balances out, and makes sure that everybody has
// what the ends of the deals say, and the module what it owes.
func (x *exchange) settle(before thousandBooks) {
	x.t.Helper()
	x.closePools()
	var work sync.WaitGroup
	for _, c := range x.everybody() {
		work.Go(func() {
			err := x.insist(func() error {
				owed, err := c.Withdrawable(x.t.Context(), c.Account())
				if err == nil && owed > 0 {
					_, err = c.Withdraw(x.t.Context())
				}
				return err
			})
			if err != nil {
				x.t.Errorf("withdraw: %v", err)
			}
		})
	}
	work.Wait()
	fees, gains, bonds := x.fees(before.height), x.gains(), pdx.Amount(0)
	for _, c := range x.everybody() {
		a, bond := c.Account(), pdx.Amount(0)
		if x.validators[a] != nil {
			v, err := x.reader.Validator(x.t.Context(), a)
			require.NoError(x.t, err)
			bond = v.Bond
		}
		bonds += bond
		require.Equal(x.t, int64(before.purses[a])+gains[a]-fees[a], int64(x.balance(a)+bond), "%s", a)
	}
	authority := moduleAccount("gov")
	kept, err := x.reader.Withdrawable(x.t.Context(), authority)
	require.NoError(x.t, err)
	require.Equal(x.t, gains[authority], int64(kept), "what was slashed and not the buyer's")
	require.Equal(x.t, bonds+kept, x.balance(moduleAccount("datapool")), "the module holds what it owes, and no umed more")
	x.t.Logf("%d transactions were paid for; %d umed of bonds and %d umed of slashes are left in the module",
		fees["transactions"], bonds, kept)
}

// closePools ends all pools; no escrow is left in any, and no deal under way.
func (x *exchange) closePools() {
	x.t.Helper()
	for _, id := range x.pools {
		p, err := x.reader.Pool(x.t.Context(), id)
		require.NoError(x.t, err)
		if p.Status == pdx.PoolOpen {
			_, _, err = x.buyer.ClosePool(x.t.Context(), id, 1<<40)
			require.NoError(x.t, err)
		}
		p, err = x.reader.Pool(x.t.Context(), id)
		require.NoError(x.t, err)
		require.Zero(x.t, p.Escrow)
	}
	count := 0
	for f := (pdx.DealFilter{}); ; {
		deals, next, err := x.reader.Deals(x.t.Context(), f)
		require.NoError(x.t, err)
		for _, d := range deals {
			require.Equal(x.t, x.ended[d.ID].State, d.State)
		}
		count += len(deals)
		if f.Cursor = next; next == "" {
			break
		}
	}
	require.Equal(x.t, len(x.ended), count)
}

// fees returns what everybody paid for transactions, whether they worked or not.
func (x *exchange) fees(after int64) map[pdx.Address]int64 {
	x.t.Helper()
	txs, err := market.TransactionsOf(x.t.Context(), x.chain.RPCAddr(), after, x.height())
	require.NoError(x.t, err)
	fees := map[pdx.Address]int64{"transactions": int64(len(txs))}
	for _, tx := range txs {
		fees[tx.Payer] += tx.Fee
	}
	return fees
}

// gains returns what each deal's end gives and takes, by the rules of the spec.
func (x *exchange) gains() map[pdx.Address]int64 {
	x.t.Helper()
	by := map[pdx.Address]int64{}
	for _, d := range x.ended {
		require.Equal(x.t, depositOf(d), d.Deposit)
		switch d.State {
		case pdx.DealLapsed:
			x.lapseGains(d, by)
			if x.waited[d.ID] {
				by[d.Seller] += int64(market.OfferCost)
				by[d.Buyer] -= int64(market.OfferCost)
			}
		case pdx.DealFinal:
			by[d.Buyer] -= int64(thousandPrice)
			shares := sharesOf(d)
			require.Equal(x.t, shares, d.Shares)
			for _, s := range shares {
				by[s.Address] += int64(s.Amount)
			}
		case pdx.DealUnacked: // what the accepts cost
			for _, c := range d.Certificates {
				by[c.Validator] += int64(market.VerdictCost)
				by[d.Seller] -= int64(market.VerdictCost)
			}
			by[d.Seller] += int64(market.UnackedHalf(d))
			by[d.Buyer] -= int64(market.UnackedHalf(d))
		case pdx.DealUndelivered:
			by[d.Seller] -= int64(d.Deposit)
			for _, c := range d.Certificates {
				by[c.Validator] += int64(d.Reward)
			}
			by[d.Buyer] += int64(d.Deposit - 2*d.Reward)
		case pdx.DealFraud:
			x.fraudGains(d, by)
		}
	}
	return by
}

// depositOf writes the deposit afresh from the spec.
func depositOf(d pdx.Deal) pdx.Amount {
	n := pdx.Amount(len(d.Validators))
	if d.Draw != nil {
		n = pdx.Amount(d.Draw.Count)
	}
	return thousandDeposit + thousandFields + n*d.Reward
}

// lapseGains gives the deposit of what was rejected to those who did, and the rest to the
// community.
func (x *exchange) lapseGains(d pdx.Deal, by map[pdx.Address]int64) {
	left := d.Deposit
	for _, c := range d.Certificates {
		if !c.Accepted {
			by[c.Validator] += int64(d.Reward)
			left -= d.Reward
		}
	}
	if left < d.Deposit {
		by[d.Seller] -= int64(d.Deposit)
		by[moduleAccount("gov")] += int64(left)
	}
}

// fraudGains makes sure of the slashes and of what the buyer has of them.
func (x *exchange) fraudGains(d pdx.Deal, by map[pdx.Address]int64) {
	x.t.Helper()
	require.NotNil(x.t, d.Conviction)
	require.Len(x.t, d.Conviction.Slashed, 2)
	sum := pdx.Amount(0)
	for _, s := range d.Conviction.Slashed {
		require.Contains(x.t, x.crooks, s.Address)
		require.Equal(x.t, slashed, s.Amount)
		by[s.Address] -= int64(s.Amount)
		sum += s.Amount
	}
	gain := compensation(d.Conviction.Kind, datapooltest.Sealed{Ciphertext: []byte("less than a MiB")})
	require.Equal(x.t, gain, d.Conviction.Compensation)
	by[d.Buyer] += int64(d.Deposit + gain)
	by[d.Seller] -= int64(d.Deposit)
	by[moduleAccount("gov")] += int64(sum - gain)
}

// sharesOf splits what the rewards leave of a price by largest remainders, written afresh
// from the spec.
func sharesOf(d pdx.Deal) (shares []pdx.Share) {
	const whole = 10_000
	parties, weights, rewards := []pdx.Address{d.Seller}, []uint64{whole}, []pdx.Amount{0}
	for _, c := range d.Accepted() {
		parties, weights = append(parties, c.Validator), append(weights, uint64(c.Commission))
		weights[0] -= uint64(c.Commission)
		rewards = append(rewards, d.Reward)
	}
	divided := uint64(thousandPrice) - 2*uint64(d.Reward)
	left := divided
	order := make([]int, len(parties))
	for i, w := range weights {
		order[i] = i
		n := divided * w / whole
		shares, left = append(shares, pdx.Share{Address: parties[i], Amount: pdx.Amount(n)}), left-n
	}
	rest := func(i int) uint64 { return divided * weights[i] % whole }
	slices.SortStableFunc(order, func(a, b int) int { return int(rest(b)) - int(rest(a)) })
	for _, i := range order[:left] {
		shares[i].Amount++
	}
	for i, reward := range rewards {
		shares[i].Amount += reward
	}
	return shares
}

func moduleAccount(name string) pdx.Address {
	text, err := sdk.Bech32ifyAddressBytes(pdx.AddressPrefix, authtypes.NewModuleAddress(name))
	if err != nil {
		panic(err) // 20 bytes always encode
	}
	return pdx.Address(text)
}
