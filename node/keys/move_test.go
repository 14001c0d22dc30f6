package keys_test

import (
	"context"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/keys"
)

const legal = "legal winner thank year wave sausage worth useful legal winner thank yellow"

// cutShort is secrets of a process that is killed before its n-th write.
type cutShort struct {
	plainSecrets
	left *int
}

var errKilled = pdx.ErrUnavailable

func (s cutShort) Put(_ context.Context, name string, value []byte) error {
	if *s.left == 0 {
		return errKilled
	}
	*s.left--
	s.plainSecrets[name] = value
	return nil
}

// A move that is cut short at any write leaves the former account or the next one, never a mixture that
// does not open, and goes on to the same account.
func TestMoveIsWholeAfterAnyCut(t *testing.T) {
	before := created(t)
	old, err := keys.Load(t.Context(), before)
	require.NoError(t, err)
	for writes := range 6 {
		secrets, left := maps.Clone(before), writes
		killed := cutShort{secrets, &left}
		to, err := keys.PrepareMove(t.Context(), killed, legal)
		if err == nil {
			err = keys.FinishMove(t.Context(), killed)
		}
		if writes < 5 {
			require.ErrorIs(t, err, errKilled, writes)
		} else {
			require.NoError(t, err)
		}
		k, err := keys.Load(t.Context(), secrets)
		require.NoError(t, err)
		if writes < 5 {
			require.Equal(t, old.Account(), k.Account(), writes)
			to, err = keys.PrepareMove(t.Context(), secrets, legal)
			require.NoError(t, err)
			require.NoError(t, keys.FinishMove(t.Context(), secrets))
		}
		k, err = keys.Load(t.Context(), secrets)
		require.NoError(t, err)
		require.Equal(t, to, k.Account())
		require.NotEqual(t, old.PeerID(), k.PeerID())
		former, err := keys.FormerMnemonic(t.Context(), secrets, old.Account())
		require.NoError(t, err)
		require.Equal(t, abandon, former)
		require.ErrorIs(t, keys.FinishMove(t.Context(), secrets), pdx.ErrNotFound, "there is nothing left to finish")
	}
}

func TestMoveGoesToOneAccount(t *testing.T) {
	secrets := created(t)
	_, err := keys.PrepareMove(t.Context(), secrets, "legal winner")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = keys.PrepareMove(t.Context(), secrets, abandon)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	first, err := keys.PrepareMove(t.Context(), secrets, "")
	require.NoError(t, err)
	again, err := keys.PrepareMove(t.Context(), secrets, "")
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = keys.PrepareMove(t.Context(), secrets, legal)
	require.ErrorIs(t, err, pdx.ErrWrongState)
	require.NoError(t, keys.FinishMove(t.Context(), secrets))
	second, err := keys.PrepareMove(t.Context(), secrets, "")
	require.NoError(t, err)
	require.NotEqual(t, first, second, "a new move goes to a new account")
	_, err = keys.FormerMnemonic(t.Context(), secrets, second)
	require.ErrorIs(t, err, pdx.ErrNotFound)
}
