package validator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

// TestNothingIsCheckedInVain has a validator whose certificate the chain would
// not take: whoever asks is told at once, nothing is pulled, and who is jailed
// may be asked again.
func TestNothingIsCheckedInVain(t *testing.T) {
	for status, c := range map[pdx.ValidatorStatus]struct {
		word  string
		again bool
	}{
		pdx.ValidatorJailed:    {"jailed until 2026-01-02 03:04:05", true},
		pdx.ValidatorUnbonding: {"unbonding", false},
		pdx.ValidatorUnbonded:  {"unbonded", false},
		"none":                 {"not a registered validator", false},
	} {
		t.Run(string(status), func(t *testing.T) {
			w := newWorld(t)
			req := w.offer(1, patients(10))
			w.self = pdx.Validator{Status: status, JailedUntil: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
			s := w.start()
			require.ErrorContains(t, s.Admit(t.Context(), seller, 1), c.word)
			_, err := s.Validate(t.Context(), req, quiet)
			require.ErrorContains(t, err, c.word)
			require.Equal(t, c.again, validator.Retry(err))
			require.Empty(t, w.fetched)
			require.Zero(t, w.certs)

			w.edit(func() { w.self.Status = pdx.ValidatorBonded })
			_, err = s.Validate(t.Context(), req, quiet)
			require.NoError(t, err)
		})
	}
}

// TestNothingIsCheckedWithoutAStake has a validator whose bond is staked in other deals.
func TestNothingIsCheckedWithoutAStake(t *testing.T) {
	w := newWorld(t)
	req := w.offer(1, patients(10))
	d := w.deal(1)
	d.Stake = 8
	w.set(d)
	w.self = pdx.Validator{Status: pdx.ValidatorBonded, Bond: 100, Staked: 93}
	s := w.start()
	_, err := s.Validate(t.Context(), req, quiet)
	require.ErrorContains(t, err, "too little is left for the stake")
	require.True(t, validator.Retry(err), "deals end")
	require.Empty(t, w.fetched)
	w.edit(func() { w.self.Staked-- })
	_, err = s.Validate(t.Context(), req, quiet)
	require.NoError(t, err)
}
