package attest_test

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// account signs as a Cosmos keyring does.
type account struct {
	key     *secp256k1.PrivateKey
	public  []byte
	address pdx.Address
}

func newAccount(t testing.TB) account {
	t.Helper()
	key, err := secp256k1.GeneratePrivateKey()
	require.NoError(t, err)
	return accountOf(t, key)
}

func accountOf(t testing.TB, key *secp256k1.PrivateKey) account {
	t.Helper()
	public := key.PubKey().SerializeCompressed()
	address, err := attest.AccountOf(public)
	require.NoError(t, err)
	return account{key, public, address}
}

func (a account) sign(message []byte) []byte {
	digest := sha256.Sum256(message)
	return ecdsa.SignCompact(a.key, digest[:], true)[1:] // r ‖ s without the recovery byte
}

func (a account) bind(now time.Time) attest.Binding {
	b := attest.Binding{
		ChainID: "panacea-local-1", Account: a.address, PeerID: "12D3KooWPeer",
		Nonce: make([]byte, 32), Expiry: now.Unix() + 60, PublicKey: a.public,
	}
	b.Signature = a.sign(b.SignBytes())
	return b
}

var now = time.Unix(1_700_000_000, 0)

func TestBindingExpires(t *testing.T) {
	b := newAccount(t).bind(now)
	require.NoError(t, b.Verify(time.Unix(b.Expiry-1, 999_999_999)))
	require.ErrorIs(t, b.Verify(time.Unix(b.Expiry, 0)), attest.ErrExpired)
	require.ErrorIs(t, b.Verify(time.Unix(b.Expiry, 0)), pdx.ErrRefused)
	b.Expiry = -1
	require.ErrorIs(t, b.Verify(now), attest.ErrExpired)
}

func TestBindingOfAnotherAccount(t *testing.T) {
	mine, theirs := newAccount(t), newAccount(t)
	b := mine.bind(now)
	b.Account = theirs.address
	b.Signature = mine.sign(b.SignBytes())
	require.ErrorIs(t, b.Verify(now), attest.ErrSignature, "signed for somebody else")
	b.PublicKey = theirs.public
	require.ErrorIs(t, b.Verify(now), attest.ErrSignature, "with their key shown")
}

// TestHighS makes the second signature that anybody can make from a first.
func TestHighS(t *testing.T) {
	b := newAccount(t).bind(now)
	var s secp256k1.ModNScalar
	require.False(t, s.SetByteSlice(b.Signature[32:]))
	high := s.Negate().Bytes()
	b.Signature = append(bytes.Clone(b.Signature[:32]), high[:]...)
	require.ErrorIs(t, b.Verify(now), attest.ErrSignature)
}

func TestMalformedBindings(t *testing.T) {
	good := newAccount(t)
	for name, spoil := range map[string]func(*attest.Binding){
		"no key":                func(b *attest.Binding) { b.PublicKey = nil },
		"uncompressed key":      func(b *attest.Binding) { b.PublicKey = good.key.PubKey().SerializeUncompressed() },
		"key off the curve":     func(b *attest.Binding) { b.PublicKey = append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...) },
		"no signature":          func(b *attest.Binding) { b.Signature = nil },
		"recovery byte":         func(b *attest.Binding) { b.Signature = append(b.Signature, 0) },
		"zero signature":        func(b *attest.Binding) { b.Signature = make([]byte, 64) },
		"r above the order":     func(b *attest.Binding) { copy(b.Signature, bytes.Repeat([]byte{0xff}, 32)) },
		"upper-case address":    func(b *attest.Binding) { b.Account = pdx.Address(strings.ToUpper(string(b.Account))) },
		"no chain":              func(b *attest.Binding) { b.ChainID = "" },
		"no peer":               func(b *attest.Binding) { b.PeerID = "" },
		"no account":            func(b *attest.Binding) { b.Account = "" },
		"chain id too long":     func(b *attest.Binding) { b.ChainID = strings.Repeat("c", 65) },
		"peer id too long":      func(b *attest.Binding) { b.PeerID = strings.Repeat("p", 129) },
		"audience too long":     func(b *attest.Binding) { b.Audience = strings.Repeat("p", 129) },
		"nonce too long":        func(b *attest.Binding) { b.Nonce = make([]byte, attest.MaxNonce+1) },
		"account name too long": func(b *attest.Binding) { b.Account = pdx.Address(strings.Repeat("a", 91)) },
	} {
		b := good.bind(now)
		spoil(&b)
		if len(b.Signature) == 64 && strings.Contains(name, "too long") {
			b.Signature = good.sign(b.SignBytes()) // only the length is wrong
		}
		require.ErrorIs(t, b.Verify(now), attest.ErrSignature, name)
	}
}

// TestSignBytesAreNoTransaction: a field number of 0 is no protobuf, and the
// first byte no JSON and no CBOR map, so no transaction has these bytes.
func TestSignBytesAreNoTransaction(t *testing.T) {
	b := attest.Binding{}.SignBytes()
	require.Equal(t, byte(6), b[0])
	require.Zero(t, b[0]>>3)
}

// FuzzBindingVerify changes a signed binding: whatever differs is refused, and
// nothing panics.
func FuzzBindingVerify(f *testing.F) {
	good := accountOf(f, secp256k1.PrivKeyFromBytes([]byte{1})).bind(now) // the same in every fuzzing process
	f.Add(good.ChainID, string(good.Account), good.PeerID, good.Audience, good.Nonce, good.Expiry, good.PublicKey, good.Signature)
	f.Add("", "", "", "", []byte{}, int64(0), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, chain, acc, peer, audience string, nonce []byte, expiry int64, key, signature []byte) {
		b := attest.Binding{
			ChainID: chain, Account: pdx.Address(acc), PeerID: peer, Audience: audience,
			Nonce: nonce, Expiry: expiry, PublicKey: key, Signature: signature,
		}
		err := b.Verify(now)
		if bytes.Equal(b.SignBytes(), good.SignBytes()) && bytes.Equal(key, good.PublicKey) && bytes.Equal(signature, good.Signature) {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, pdx.ErrRefused)
	})
}
