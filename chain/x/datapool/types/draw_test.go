package types_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func candidates(n int) (list []types.AcceptedValidator) {
	for i := range n {
		list = append(list, types.AcceptedValidator{Address: fmt.Sprintf("validator %d", i)})
	}
	return list
}

// TestRankVector pins the bytes of a rank for other implementations.
func TestRankVector(t *testing.T) {
	seed := types.DrawSeed{ChainID: "panacea-local-1", BlockHash: make([]byte, 32), Deal: 100}
	rank := seed.Rank("panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc")
	require.Equal(t, rankVector, hex.EncodeToString(rank[:]))
}

const rankVector = "3b5b78af76757b947cad7b29000db216aa9a931808270212f62668b4a38a2206"

// TestDrawDependsOnTheLotsOnly: not on the order in which candidates stand.
func TestDrawDependsOnTheLotsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := candidates(rapid.IntRange(1, types.MaxPoolValidators).Draw(t, "candidates"))
		n := rapid.Uint32Range(1, uint32(len(list))).Draw(t, "n")
		seed := types.DrawSeed{
			ChainID: "c", BlockHash: rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"), Deal: rapid.Uint64().Draw(t, "deal"),
		}
		drawn := seed.Select(list, n)
		require.Len(t, drawn, int(n))
		shuffled := rapid.Permutation(list).Draw(t, "order")
		before := slices.Clone(shuffled)
		require.Equal(t, drawn, seed.Select(shuffled, n))
		require.Equal(t, before, shuffled, "the candidates stay as they are")
		require.Equal(t, seed.Select(list, uint32(len(list)))[:n], drawn, "fewer lots are the first of more")
	})
}

// TestDrawIsFair counts who is drawn over many deals: each about equally often.
func TestDrawIsFair(t *testing.T) {
	const deals, n, of = 4000, 3, 10
	counts := map[string]int{}
	for deal := range uint64(deals) {
		for _, v := range (types.DrawSeed{ChainID: "c", BlockHash: []byte("hash"), Deal: deal}).Select(candidates(of), n) {
			counts[v.Address]++
		}
	}
	require.Len(t, counts, of)
	for who, count := range counts {
		// Binomial: 1200 ± 29; five deviations are one in a million.
		require.InDelta(t, deals*n/of, count, 145, who)
	}
}

func TestEveryFieldOfALotCounts(t *testing.T) {
	seed := types.DrawSeed{ChainID: "c", BlockHash: []byte{1}, Deal: 1}
	for name, other := range map[string][32]byte{
		"chain":     types.DrawSeed{ChainID: "d", BlockHash: []byte{1}, Deal: 1}.Rank("v"),
		"block":     types.DrawSeed{ChainID: "c", BlockHash: []byte{2}, Deal: 1}.Rank("v"),
		"deal":      types.DrawSeed{ChainID: "c", BlockHash: []byte{1}, Deal: 2}.Rank("v"),
		"validator": seed.Rank("w"),
	} {
		require.NotEqual(t, seed.Rank("v"), other, name)
	}
}
