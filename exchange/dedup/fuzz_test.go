package dedup_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
)

// FuzzReader: bytes of a stranger give an error, or the set whose tag was asked for.
func FuzzReader(f *testing.F) {
	k := keyOf(1)
	s := setOf(f, k, span(0, 5000)...)
	blob := sealed(f, k, s)
	f.Add(blob)
	f.Add(blob[:segment])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := dedup.OpenSet(k, s.Tag(), bytes.NewReader(raw))
		require.NoError(t, err)
		for err == nil {
			_, err = r.Next()
		}
		if errors.Is(err, io.EOF) {
			require.Equal(t, blob, raw)
		} else {
			require.ErrorIs(t, err, pdx.ErrCorrupt)
		}
	})
}

// FuzzSealedTagKey: what is not sealed to this validator does not open.
func FuzzSealedTagKey(f *testing.F) {
	r, k := recipientOf(f, 1), keyOf(1)
	public := r.Public()
	good, err := k.SealTo("v", public[:])
	require.NoError(f, err)
	f.Add(good)
	f.Add(good[:40])
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := r.Open(pool, "v", raw, k.Commitment())
		if err == nil {
			require.Equal(t, k, got)
		} else {
			require.ErrorIs(t, err, pdx.ErrCorrupt)
		}
	})
}
