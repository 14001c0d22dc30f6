package seal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
)

// TestSale seals with a key, proves its opening, delivers it and recovers it.
func TestSale(t *testing.T) {
	ctx := [32]byte{1}
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(t, err)
	var ciphertext bytes.Buffer
	facts, err := key.Seal(&ciphertext, bytes.NewReader([]byte("plain")), pdx.ChaCha20Poly1305)
	require.NoError(t, err)
	ds := pdx.Dataset{
		Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.ChaCha20Poly1305,
		Box: facts.Box, KeyCommit: facts.KeyCommit, Commitment: facts.Commitment,
	}

	shown, err := key.ProveOpening(ctx)
	require.NoError(t, err)
	require.NoError(t, proof.VerifyOpening(ctx, ds.Key, ds.Nonce, key.Opening(), shown))

	buyer := seal.NewBuyerKey()
	pop, err := buyer.Prove(ctx)
	require.NoError(t, err)
	require.NoError(t, proof.VerifyPop(ctx, buyer.Public(), pop))

	d1, d2, prf, err := key.Deliver(ctx, buyer.Public())
	require.NoError(t, err)
	require.NoError(t, proof.VerifyDeliver(ctx, ds.Key, ds.Nonce, buyer.Public(), d1, d2, prf))

	stored := buyer.Bytes()
	buyer, err = seal.BuyerKeyFromBytes(stored[:])
	require.NoError(t, err)
	m, err := buyer.Recover(d1, d2)
	require.NoError(t, err)
	require.Equal(t, key.Opening(), m)
	opened, err := seal.OpenDataset(m, ds)
	require.NoError(t, err)
	var plain bytes.Buffer
	require.NoError(t, opened.Open(&plain, &ciphertext, ds))
	require.Equal(t, "plain", plain.String())

	stranger, err := seal.NewBuyerKey().Recover(d1, d2)
	require.NoError(t, err)
	_, err = seal.OpenDataset(stranger, ds)
	require.ErrorIs(t, err, seal.ErrBox)
}

func TestDeliverRefusesBadBuyerKeys(t *testing.T) {
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(t, err)
	for _, bad := range []pdx.Element{{}, {1}} {
		_, _, prf, err := key.Deliver([32]byte{}, bad)
		require.ErrorIs(t, err, pdx.ErrRefused)
		require.Nil(t, prf)
	}
}

func TestRecoverRefusesBadElements(t *testing.T) {
	buyer := seal.NewBuyerKey()
	good := buyer.Public()
	for _, bad := range []pdx.Element{{}, {1}} {
		_, err := buyer.Recover(bad, good)
		require.ErrorIs(t, err, pdx.ErrRefused)
		_, err = buyer.Recover(good, bad)
		require.ErrorIs(t, err, pdx.ErrRefused)
	}
}

func TestStoredKeysAreChecked(t *testing.T) {
	for _, b := range [][]byte{nil, make([]byte, 31), make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)} {
		_, err := seal.BuyerKeyFromBytes(b)
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	_, err := seal.SeedFromBytes(make([]byte, 31))
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

// TestSecretsRedactThemselves prints the secrets with every verb and logger.
func TestSecretsRedactThemselves(t *testing.T) {
	seed, buyer := seal.NewSeed(), seal.NewBuyerKey()
	key, err := seed.Dataset(seal.NewNonce())
	require.NoError(t, err)
	rawSeed, rawBuyer, rawM := seed.Bytes(), buyer.Bytes(), key.Opening()
	holder := struct {
		seed  seal.Seed
		buyer seal.BuyerKey
		key   *seal.Key
	}{seed, buyer, key}

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d", "%s", "%q"} {
		for _, v := range []any{seed, &seed, buyer, &buyer, key, holder} {
			fmt.Fprintf(&out, verb, v)
		}
	}
	text, err := json.Marshal([]any{seed, buyer, key})
	require.NoError(t, err)
	out.Write(text)
	for _, h := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(h).Info("secrets", "seed", seed, "buyer", buyer, "key", key, "holder", holder)
	}
	require.Contains(t, out.String(), "[redacted]")
	for _, raw := range [][32]byte{rawSeed, rawBuyer, rawM} {
		for _, trace := range []string{string(raw[:]), fmt.Sprintf("%x", raw[:8]), fmt.Sprint(raw[:8])[1:20]} {
			require.NotContains(t, out.String(), trace)
		}
	}
}

// TestKeyServesManyGoroutines opens one dataset from several goroutines at the same
// time, for the race detector.
func TestKeyServesManyGoroutines(t *testing.T) {
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(t, err)
	var ciphertext bytes.Buffer
	facts, err := key.Seal(&ciphertext, bytes.NewReader(make([]byte, 100_000)), pdx.AES256GCM)
	require.NoError(t, err)
	ds := pdx.Dataset{Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM, Commitment: facts.Commitment}
	errs := make(chan error)
	for range 4 {
		go func() { errs <- key.Open(io.Discard, bytes.NewReader(ciphertext.Bytes()), ds) }()
	}
	for range 4 {
		require.NoError(t, <-errs)
	}
}
