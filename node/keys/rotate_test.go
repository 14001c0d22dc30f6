package keys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/node/keys"
)

func created(t *testing.T) plainSecrets {
	t.Helper()
	secrets := plainSecrets{}
	require.NoError(t, keys.Create(t.Context(), secrets, abandon))
	return secrets
}

func publicRecipients(t *testing.T, secrets keys.Secrets) (list [][dedup.RecipientLen]byte) {
	t.Helper()
	recipients, err := keys.Recipients(t.Context(), secrets)
	require.NoError(t, err)
	for _, r := range recipients {
		list = append(list, r.Public())
	}
	return list
}

// A new peer key is another peer of the same account.
func TestRotatePeer(t *testing.T) {
	secrets := created(t)
	before, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	require.NoError(t, keys.RotatePeer(t.Context(), secrets))
	after, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	require.NotEqual(t, before.PeerID(), after.PeerID())
	require.Equal(t, before.Account(), after.Account())
}

// Former recipient keys stay, and a home that was made from the mnemonic finds the present one
// by what the chain shows.
func TestRotateRecipient(t *testing.T) {
	secrets := created(t)
	first := publicRecipients(t, secrets)
	require.Len(t, first, 1)
	for range 3 {
		require.NoError(t, keys.RotateRecipient(t.Context(), secrets))
	}
	list := publicRecipients(t, secrets)
	require.Len(t, list, 4)
	require.Equal(t, first[0], list[3])
	distinct := map[[dedup.RecipientLen]byte]bool{}
	for _, public := range list {
		distinct[public] = true
	}
	require.Len(t, distinct, 4)
	present, err := keys.Recipient(t.Context(), secrets)
	require.NoError(t, err)
	require.Equal(t, list[0], present.Public())

	recovered := created(t)
	adopted, err := keys.AdoptRecipient(t.Context(), recovered, list[1])
	require.NoError(t, err)
	require.True(t, adopted)
	require.Equal(t, list[1:], publicRecipients(t, recovered))
	for name, other := range map[string][dedup.RecipientLen]byte{"former": list[2], "present": list[1], "a stranger's": {7}, "none": {}} {
		adopted, err = keys.AdoptRecipient(t.Context(), recovered, other)
		require.NoError(t, err)
		require.False(t, adopted, name)
	}
	require.Equal(t, list[1:], publicRecipients(t, recovered))
}

func TestRotationsAreBounded(t *testing.T) {
	secrets := created(t)
	require.NoError(t, secrets.Put(t.Context(), "keys/recipient", []byte("240")))
	require.ErrorIs(t, keys.RotateRecipient(t.Context(), secrets), pdx.ErrRefused)
	for _, bad := range []string{"", "-1", "241", "many"} {
		require.NoError(t, secrets.Put(t.Context(), "keys/recipient", []byte(bad)))
		_, err := keys.Recipients(t.Context(), secrets)
		require.ErrorIs(t, err, pdx.ErrCorrupt, bad)
	}
}
