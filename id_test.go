package pdx_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
)

func TestContentIDForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := pdx.ContentID(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "root"))
		parsed, err := pdx.ParseContentID(id.String())
		require.NoError(t, err)
		require.Equal(t, id, parsed)
		raw, err := pdx.ContentIDFromBytes(id.Bytes())
		require.NoError(t, err)
		require.Equal(t, id, raw)
	})
}

func TestContentIDRefusals(t *testing.T) {
	good := pdx.ContentID{1}.String()
	for name, text := range map[string]string{
		"empty":        "",
		"upper case":   "B" + good[1:],
		"sha2-256":     "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
		"trailing bit": good[:len(good)-1] + "b",
		"cut":          good[:len(good)-2],
		"not base32":   good[:5] + "1" + good[6:],
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pdx.ParseContentID(text)
			require.ErrorIs(t, err, pdx.ErrInvalid)
		})
	}
}

func FuzzParseContentID(f *testing.F) {
	f.Add(pdx.ContentID{}.String())
	f.Add("bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := pdx.ParseContentID(s)
		if err == nil {
			require.Equal(t, s, id.String())
		}
	})
}

func TestAmountsThatDoNotFit(t *testing.T) {
	for text, want := range map[string]error{
		"0.0000001MED": pdx.ErrAmountSmall, "1.0000005MED": pdx.ErrAmountSmall, "0.5umed": pdx.ErrAmountSmall,
		"18446744073709551616umed": pdx.ErrAmountLarge, "18446744073710MED": pdx.ErrAmountLarge, "18446744073709.551616MED": pdx.ErrAmountLarge,
	} {
		_, err := pdx.ParseAmount(text)
		require.ErrorIs(t, err, want, text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
	}
	most, err := pdx.ParseAmount("18446744073709.551615MED")
	require.NoError(t, err)
	require.EqualValues(t, uint64(math.MaxUint64), most)
	_, err = pdx.ParseAmount(strings.Repeat("9", 1<<20) + "MED")
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]pdx.Amount{
		"0umed": 0, "1000000umed": 1_000_000, "1MED": 1_000_000, "1.5MED": 1_500_000, "0.000001 MED": 1,
		"18446744073709551615umed": 18446744073709551615,
	} {
		got, err := pdx.ParseAmount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{
		"", "1", "umed", "1stake", "1 atom", "-1umed", "1.5umed", "1.0000001MED", "MED", "1e6umed", "1.-5MED",
		"18446744073709551616umed", "18446744073709551615MED",
	} {
		_, err := pdx.ParseAmount(text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
	}
}

func TestAmountForms(t *testing.T) {
	require.Equal(t, "1500000umed", pdx.Amount(1_500_000).String())
	require.Equal(t, "1.5 MED", pdx.Amount(1_500_000).MED())
	require.Equal(t, "0 MED", pdx.Amount(0).MED())
	rapid.Check(t, func(t *rapid.T) {
		a := pdx.Amount(rapid.Uint64().Draw(t, "umed"))
		parsed, err := pdx.ParseAmount(a.String())
		require.NoError(t, err)
		require.Equal(t, a, parsed)
	})
}

func TestAmountTimes(t *testing.T) {
	total, err := pdx.Amount(3).Times(7)
	require.NoError(t, err)
	require.Equal(t, pdx.Amount(21), total)
	_, err = pdx.Amount(1 << 63).Times(2)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestParseIDs(t *testing.T) {
	pool, err := pdx.ParsePoolID("7")
	require.NoError(t, err)
	require.Equal(t, pdx.PoolID(7), pool)
	for _, text := range []string{"", "0", "-1", "x", "1.0", "18446744073709551616"} {
		_, err := pdx.ParsePoolID(text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
		_, err = pdx.ParseDealID(text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
	}
}
