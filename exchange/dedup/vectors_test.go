package dedup_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	other "lukechampine.com/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/exchange/seal"
)

var update = flag.Bool("update", false, "write the vectors")

// vectors are the known answers of docs/spec/duplicates.md.
type vectors struct {
	Chain       string      `json:"chain"`
	PoolSecret  string      `json:"pool_secret"` // b
	BuyerKey    string      `json:"B"`
	TagKey      string      `json:"tag_key"`
	Commitment  string      `json:"commitment"`
	Seed        string      `json:"recipient_seed"`
	Recipient   string      `json:"recipient_key"`
	Validator   pdx.Address `json:"validator"`
	Sealed      string      `json:"sealed_tag_key"`
	Fingerprint struct {
		Values string `json:"values"`
		Number uint8  `json:"number"`
		Is     string `json:"is"`
	} `json:"fingerprint"`
	Sets []setVector `json:"sets"` // of the records with the values BE64(0), BE64(1), … and the number 0
}

type setVector struct {
	Records uint64 `json:"records"`
	Tag     string `json:"tag"`
	Size    int    `json:"size"`
	Blake3  string `json:"sealed_blake3"`
}

const vectorFile = "testdata/vectors.json"

func TestVectors(t *testing.T) {
	b := [32]byte{1}
	key, err := seal.BuyerKeyFromBytes(b[:])
	require.NoError(t, err)
	of := dedup.Pool{ChainID: "panacea-local-1", BuyerKey: key.Public()}
	secret := key.TagSecret()
	tagKey := dedup.NewKey(of, secret)
	commitment := tagKey.Commitment()
	seed := bytes.Repeat([]byte{2}, 32)
	r, err := dedup.NewRecipient(seed)
	require.NoError(t, err)
	public := r.Public()
	got := vectors{
		Chain: of.ChainID, PoolSecret: hexOf(b[:]), BuyerKey: hexOf(of.BuyerKey[:]), TagKey: hexOf(secret[:]), Commitment: hexOf(commitment[:]),
		Seed: hexOf(seed), Recipient: hexOf(public[:]), Validator: "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc",
	}
	got.Fingerprint.Values, got.Fingerprint.Number = hexOf([]byte("0\x031e0|0\x06615e-1|")), 3
	got.Fingerprint.Is = fingerprint(t, secret, got.Fingerprint.Values, got.Fingerprint.Number)
	for _, n := range []uint64{1, 4095, 4096} {
		s := setOf(t, tagKey, span(0, n)...)
		raw, tag := sealed(t, tagKey, s), s.Tag()
		sum := other.Sum256(raw)
		got.Sets = append(got.Sets, setVector{Records: n, Tag: hexOf(tag[:]), Size: len(raw), Blake3: hexOf(sum[:])})
	}
	if *update {
		fresh, err := tagKey.SealTo(got.Validator, public[:])
		require.NoError(t, err)
		got.Sealed = hexOf(fresh)
		raw, err := json.MarshalIndent(got, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(vectorFile, append(raw, '\n'), 0o600))
	}
	raw, err := os.ReadFile(vectorFile)
	require.NoError(t, err)
	var want vectors
	require.NoError(t, json.Unmarshal(raw, &want))
	opened, err := hex.DecodeString(want.Sealed)
	require.NoError(t, err)
	from, err := r.Open(of, want.Validator, opened, commitment)
	require.NoError(t, err)
	require.Equal(t, tagKey, from)
	got.Sealed = want.Sealed // a fresh one is another each time
	require.Equal(t, want, got)
}

// fingerprint is computed without the package, by another implementation of BLAKE3.
func fingerprint(t *testing.T, secret [32]byte, values string, number uint8) string {
	t.Helper()
	f, err := hkdf.Key(sha512.New, secret[:], nil, "fx1/fingerprint", 32)
	require.NoError(t, err)
	raw, err := hex.DecodeString(values)
	require.NoError(t, err)
	h := other.New(32, f)
	_, _ = h.Write(append(raw, number))
	want := append([]byte{number}, h.Sum(nil)[:15]...)

	c, err := dedup.NewKey(pool, secret).NewCollector()
	require.NoError(t, err)
	_, _ = c.Write(raw)
	require.NoError(t, c.End(number))
	set := c.Set()
	r, err := dedup.OpenSet(dedup.NewKey(pool, secret), set.Tag(), bytes.NewReader(sealed(t, dedup.NewKey(pool, secret), set)))
	require.NoError(t, err)
	made, err := r.Next()
	require.NoError(t, err)
	require.Equal(t, want, made[:])
	return hexOf(want)
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// TestDictionary: whoever tries all of a million candidates finds the dataset under none of
// the keys that can be made of what the chain has of it, and at once under the tag key.
func TestDictionary(t *testing.T) {
	k, dataset := keyOf(7), uint64(123_456)
	secret := setOf(t, k, dataset)
	blob := sealed(t, k, secret)
	candidates := span(0, 1_000_000)
	tag, root := secret.Tag(), other.Sum256(blob)
	overlap := func(with dedup.Key) int {
		r, err := dedup.OpenSet(k, secret.Tag(), bytes.NewReader(blob))
		require.NoError(t, err)
		shared, err := dedup.NewOverlap(setOf(t, with, candidates...)).Add(r)
		require.NoError(t, err)
		return shared
	}
	for _, public := range [][32]byte{k.Commitment(), tag, root} {
		guess := dedup.NewKey(pool, public)
		require.Zero(t, overlap(guess))
		_, err := dedup.ReadSet(guess, tag, bytes.NewReader(blob))
		require.ErrorIs(t, err, pdx.ErrCorrupt)
		require.NotEqual(t, tag, setOf(t, guess, dataset).Tag())
	}
	require.Equal(t, 1, overlap(k))
}
