package seal_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
)

// TestDrawChain walks a chain from its commitment back to its start.
func TestDrawChain(t *testing.T) {
	key := seal.NewBuyerKey()
	chain := key.DrawChain(5)
	at := chain.Commitment()
	for range 5 {
		preimage, err := chain.Preimage(at)
		require.NoError(t, err)
		require.Equal(t, at, seal.DrawStep(preimage))
		at = preimage
	}
	_, err := chain.Preimage(at)
	require.ErrorIs(t, err, pdx.ErrNotFound, "nothing is left")
	_, err = seal.NewBuyerKey().DrawChain(5).Preimage(chain.Commitment())
	require.ErrorIs(t, err, pdx.ErrNotFound, "of another key")

	again, err := seal.BuyerKeyFromBytes(func() []byte { b := key.Bytes(); return b[:] }())
	require.NoError(t, err)
	require.Equal(t, chain.Commitment(), again.DrawChain(5).Commitment(), "it follows from the key")
}

// TestDrawChainVector pins the bytes: b is 1.
func TestDrawChainVector(t *testing.T) {
	key, err := seal.BuyerKeyFromBytes(append([]byte{1}, make([]byte, 31)...))
	require.NoError(t, err)
	one := key.DrawChain(1)
	end := one.Commitment()
	start, err := one.Preimage(end)
	require.NoError(t, err)
	require.Equal(t, drawStart, hex.EncodeToString(start[:]))
	require.Equal(t, drawEnd, hex.EncodeToString(end[:]))
}

const (
	drawStart = "03d8e78d01db1694480f251a54474d1dadc8fedaa11a9dc8fc5b0257810eb39a"
	drawEnd   = "936766e89838d13b2e898d89f19f3180df8813bb87916f20133ddfae0404e561"
)
