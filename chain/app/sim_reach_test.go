package app_test

import (
	"encoding/hex"
	"testing"

	storetypes "cosmossdk.io/store/types"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/app"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// stored returns the module's store, by key in hexadecimal.
func stored(t *testing.T, a *app.App) map[string]string {
	t.Helper()
	byName := a.CommitMultiStore().(interface {
		GetStoreByName(name string) storetypes.Store
	})
	records := byName.GetStoreByName(types.StoreKey).(storetypes.KVStore).Iterator(nil, nil)
	defer records.Close()
	all := map[string]string{}
	for ; records.Valid(); records.Next() {
		all[hex.EncodeToString(records.Key())] = hex.EncodeToString(records.Value())
	}
	require.NotEmpty(t, all)
	return all
}

// The kinds of what can happen to a deal or a validator that no state names.
const (
	onVoucher = "acked by a voucher"
	drawn     = "drawn"
	unshared  = "drawn without the buyer's part"
	noneDrawn = "waiting for a draw or lapsed at it"
	answered  = "answered duty"
	lateWord  = "a verdict after the k-th accept"
	missed    = "missed duty"
	jailed    = "jailed once"
)

// everything lists all that a simulation must come to: each state of a deal, each
// status of a pool and of a validator, each kind of conviction, and the above.
func everything() []string {
	list := []string{onVoucher, drawn, unshared, noneDrawn, answered, lateWord, missed, jailed}
	for _, names := range []map[int32]string{
		types.DealState_name, types.PoolStatus_name, types.ValidatorStatus_name, types.ComplaintKind_name,
	} {
		for number, name := range names {
			if number != 0 {
				list = append(list, name)
			}
		}
	}
	return list
}

// countReached counts what the deals, pools and validators of a state came to: of
// deals the whole history, of the others what they are now.
func countReached(t *testing.T, a *app.App, reached map[string]int) {
	t.Helper()
	g, err := a.Datapool.ExportGenesis(a.NewContext(true))
	require.NoError(t, err)
	count := func(kind string, is bool) {
		if is {
			reached[kind]++
		}
	}
	for _, d := range g.Deals {
		for _, step := range d.History {
			reached[step.State.String()]++
		}
		count(onVoucher, d.AckHeight != 0 && d.AckHeight < d.EnteredAt(types.DEAL_STATE_ACKED))
		certified := d.EnteredAt(types.DEAL_STATE_CERTIFIED)
		count(lateWord, certified != 0 && d.Certificates[len(d.Certificates)-1].Height > certified)
		if d.Draw != nil {
			count(unshared, d.Draw.Height != 0 && len(d.Draw.Preimage) == 0)
			count(drawn, len(d.Validators) > 0)
			count(noneDrawn, len(d.Validators) == 0)
		}
		if d.Conviction != nil {
			reached[d.Conviction.Kind.String()]++
		}
	}
	for _, p := range g.Pools {
		reached[p.Status.String()]++
	}
	for _, v := range g.Validators {
		reached[v.Status.String()]++
		count(missed, v.Duties.MissedCount() > 0)
		count(answered, int(v.Duties.MissedCount()) < len(v.Duties.Weights))
		count(jailed, !v.JailedUntil.IsZero())
	}
}
