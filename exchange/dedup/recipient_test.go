package dedup_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
)

func recipientOf(t testing.TB, b byte) dedup.Recipient {
	t.Helper()
	r, err := dedup.NewRecipient([]byte{31: b})
	require.NoError(t, err)
	return r
}

func TestSealedTagKey(t *testing.T) {
	r, k := recipientOf(t, 1), keyOf(9)
	public := r.Public()
	sealed, err := k.SealTo("validator", public[:])
	require.NoError(t, err)
	require.Len(t, sealed, dedup.SealedKeyLen)
	got, err := r.Open(pool, "validator", sealed, k.Commitment())
	require.NoError(t, err)
	require.Equal(t, k, got)

	other := pool
	other.BuyerKey[0]++
	for name, open := range map[string]func() (dedup.Key, error){
		"another validator":  func() (dedup.Key, error) { return r.Open(pool, "other", sealed, k.Commitment()) },
		"another pool":       func() (dedup.Key, error) { return r.Open(other, "validator", sealed, k.Commitment()) },
		"another commitment": func() (dedup.Key, error) { return r.Open(pool, "validator", sealed, keyOf(8).Commitment()) },
		"cut off":            func() (dedup.Key, error) { return r.Open(pool, "validator", sealed[:79], k.Commitment()) },
		"nothing":            func() (dedup.Key, error) { return r.Open(pool, "validator", nil, k.Commitment()) },
		"another recipient": func() (dedup.Key, error) {
			return recipientOf(t, 2).Open(pool, "validator", sealed, k.Commitment())
		},
	} {
		_, err := open()
		require.ErrorIs(t, err, pdx.ErrCorrupt, name)
	}
}

// TestWeakRecipientKeys: with a point of small order anybody could read what is sealed.
func TestWeakRecipientKeys(t *testing.T) {
	for _, weak := range []string{
		"", "00", "0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		raw, err := hex.DecodeString(weak)
		require.NoError(t, err)
		require.ErrorIs(t, dedup.CheckRecipient(raw), pdx.ErrInvalid, weak)
		_, err = keyOf(1).SealTo("validator", raw)
		require.ErrorIs(t, err, pdx.ErrInvalid, weak)
	}
	public := recipientOf(t, 1).Public()
	require.NoError(t, dedup.CheckRecipient(public[:]))
	_, err := dedup.NewRecipient(make([]byte, 31))
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestSecretsDoNotPrint(t *testing.T) {
	for _, secret := range []any{keyOf(42), recipientOf(t, 1), struct{ k dedup.Key }{keyOf(42)}} {
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", secret, secret, secret), "42 0 0 0")
	}
}
