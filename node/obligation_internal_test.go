package node

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// ledgerOfOne knows one validator, or fails.
type ledgerOfOne struct {
	mu     sync.Mutex
	status pdx.ValidatorStatus // "": not registered
	err    error
	asked  int
}

func (l *ledgerOfOne) set(status pdx.ValidatorStatus, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status, l.err = status, err
}

func (l *ledgerOfOne) Validator(_ context.Context, address pdx.Address) (pdx.Validator, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.err == nil && l.status == "" {
		return pdx.Validator{}, pdx.ErrNotFound
	}
	return pdx.Validator{Address: address, Status: l.status}, l.err
}

// obliged runs an obligation in a bubble and returns how it stands.
func obliged(t *testing.T, l *ledgerOfOne, validate bool) (*obligation, func() (bool, int)) {
	t.Helper()
	var mu sync.Mutex
	var now bool
	var times int
	o := &obligation{account: "panacea1me", chain: l, validate: validate, changed: make(chan struct{}, 1), oblige: func(is bool) {
		mu.Lock()
		defer mu.Unlock()
		now, times = is, times+1
	}}
	go o.run(t.Context())
	synctest.Wait()
	return o, func() (bool, int) {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return now, times
	}
}

func TestRegisteringWhileRunningObliges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledgerOfOne{}
		o, state := obliged(t, l, true)
		was, _ := state()
		require.False(t, was, "the role in the configuration obliges nobody")
		for _, c := range []struct {
			status pdx.ValidatorStatus
			want   bool
		}{
			{pdx.ValidatorBonded, true},
			{pdx.ValidatorJailed, true},
			{pdx.ValidatorUnbonding, false},
			{pdx.ValidatorBonded, true},
			{pdx.ValidatorUnbonded, false},
		} {
			l.set(c.status, nil)
			o.wake(pdx.Event{Validator: "panacea1other"})
			is, _ := state()
			require.Equal(t, was, is, "another's event says nothing of this account")
			o.wake(pdx.Event{Validator: "panacea1me"})
			was, _ = state()
			require.Equal(t, c.want, was, "%s", c.status)
		}
	})
}

func TestARegisteredValidatorIsObligedFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, state := obliged(t, &ledgerOfOne{status: pdx.ValidatorBonded}, true)
		is, times := state()
		require.True(t, is)
		require.Equal(t, 1, times)
	})
}

func TestAChainThatIsAwayChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledgerOfOne{err: pdx.ErrUnavailable}
		o, state := obliged(t, l, true)
		_, times := state()
		require.Zero(t, times)
		l.set(pdx.ValidatorBonded, nil)
		time.Sleep(obligationRetry) // of the bubble's clock
		is, _ := state()
		require.True(t, is)
		l.set("", pdx.ErrUnavailable)
		o.wake(pdx.Event{Validator: "panacea1me"})
		is, times = state()
		require.True(t, is)
		require.Equal(t, 1, times)
		l.set("", nil) // no event tells of it
		time.Sleep(obligationTick)
		is, _ = state()
		require.False(t, is)
	})
}

func TestANodeWithoutTheRoleIsNotObliged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledgerOfOne{status: pdx.ValidatorBonded}
		_, state := obliged(t, l, false)
		_, times := state()
		require.Zero(t, times+l.asked)
	})
}

func TestAddressesOnChainAreTriedAtOnce(t *testing.T) {
	for kind, want := range map[string]bool{
		"EventValidatorRegistered": true, "EventValidatorUpdated": true, "EventCertificate": false, "EventBondAdded": false,
	} {
		require.Equal(t, want, bringsSeeds(pdx.Event{Kind: kind, Validator: "panacea1other"}), kind)
	}
}
