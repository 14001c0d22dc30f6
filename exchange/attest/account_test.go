package attest_test

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// TestAddressVector derives the first accounts of a well-known mnemonic at
// m/44'/371'/0'/0/index, as wallets do (BIP 39, BIP 32).
func TestAddressVector(t *testing.T) {
	mnemonic := strings.Repeat("abandon ", 11) + "about"
	seed, err := pbkdf2.Key(sha512.New, mnemonic, []byte("mnemonic"), 2048, 64)
	require.NoError(t, err)
	for index, want := range []pdx.Address{
		"panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc",
		"panacea12n9l0fen5lyfjxgr93gt856v3zqtnlqs9lkfzf",
	} {
		const hard = 1 << 31
		key := derive(t, seed, 44|hard, 371|hard, 0|hard, 0, uint32(index))
		got, err := attest.AccountOf(key.PubKey().SerializeCompressed())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// derive is BIP 32: from the seed along the path.
func derive(t *testing.T, seed []byte, path ...uint32) *secp256k1.PrivateKey {
	t.Helper()
	sum := hmacSHA512([]byte("Bitcoin seed"), seed)
	key, chain := secp256k1.PrivKeyFromBytes(sum[:32]), sum[32:]
	for _, step := range path {
		data := append([]byte{0}, key.Serialize()...)
		if step < 1<<31 {
			data = key.PubKey().SerializeCompressed()
		}
		sum = hmacSHA512(chain, binary.BigEndian.AppendUint32(data, step))
		var tweak secp256k1.ModNScalar
		require.False(t, tweak.SetByteSlice(sum[:32]))
		key = secp256k1.NewPrivateKey(tweak.Add(&key.Key))
		chain = sum[32:]
	}
	return key
}

func hmacSHA512(key, data []byte) []byte {
	h := hmac.New(sha512.New, key)
	h.Write(data)
	return h.Sum(nil)
}

func TestAccountOfRefusesOtherKeys(t *testing.T) {
	long := newAccount(t).key.PubKey().SerializeUncompressed()
	for _, b := range [][]byte{nil, make([]byte, 33), long} {
		_, err := attest.AccountOf(b)
		require.ErrorIs(t, err, attest.ErrSignature)
	}
}
