package types_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/attest"
)

func candidates(n int) (list []types.AcceptedValidator) {
	for i := range n {
		list = append(list, types.AcceptedValidator{Address: fmt.Sprintf("validator %d", i)})
	}
	return list
}

// TestDrawVector pins the bytes of a draw for other implementations.
func TestDrawVector(t *testing.T) {
	spec := section(t, "## 8. End of a block")
	offer := attest.Offered{ChainID: "panacea-local-1", Pool: 1, Deal: 100, Seller: "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc"}.Hash()
	seed := attest.Draw{ChainID: "panacea-local-1", Preimage: make([]byte, 32), Offer: offer, Block: make([]byte, 32)}.Seed()
	without := attest.Draw{ChainID: "panacea-local-1", Offer: offer, Block: make([]byte, 32)}.Seed()
	rank := attest.DrawRank(seed, "panacea12n9l0fen5lyfjxgr93gt856v3zqtnlqs9lkfzf")
	for name, value := range map[string][32]byte{"offer": offer, "seed": seed, "seed without the preimage": without, "rank": rank} {
		require.Contains(t, spec, "`"+hex.EncodeToString(value[:])+"`", "%s is %x", name, value)
	}
}

// TestDrawDependsOnTheSeedOnly: not on the order in which candidates stand.
func TestDrawDependsOnTheSeedOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := candidates(rapid.IntRange(1, types.MaxPoolValidators).Draw(t, "candidates"))
		n := rapid.Uint32Range(1, uint32(len(list))).Draw(t, "n")
		seed := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))
		drawn := types.Select(seed, list, n)
		require.Len(t, drawn, int(n))
		shuffled := rapid.Permutation(list).Draw(t, "order")
		before := slices.Clone(shuffled)
		require.Equal(t, drawn, types.Select(seed, shuffled, n))
		require.Equal(t, before, shuffled, "the candidates stay as they are")
		require.Equal(t, types.Select(seed, list, uint32(len(list)))[:n], drawn, "a smaller draw is the first of a larger one")
	})
}

// random32 returns 32 bytes of a test's own generator.
func random32(r *rand.Rand) (b [32]byte) {
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b
}

// chiSquare9 is what a chi-square of nine degrees of freedom stays below 99 times of 100.
const chiSquare9 = 21.67

const fairDraws = 10_000

// TestDrawIsFair holds who is drawn, and which pairs are, against equal odds.
func TestDrawIsFair(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	t.Run("validators", func(t *testing.T) {
		const n, of = 3, 10
		counts, all := map[string]int{}, candidates(of)
		for range fairDraws {
			for _, v := range types.Select(random32(r), all, n) {
				counts[v.Address]++
			}
		}
		require.Len(t, counts, of)
		// The n of a draw differ, which makes the counts more even than independent ones.
		require.Less(t, chiSquare(counts, fairDraws*n/of)*(of-1)/(of-n), chiSquare9)
	})
	t.Run("pairs", func(t *testing.T) {
		pairs, all := map[string]int{}, candidates(5)
		for range fairDraws {
			drawn := types.Select(random32(r), all, 2)
			pair := []string{drawn[0].Address, drawn[1].Address}
			slices.Sort(pair)
			pairs[strings.Join(pair, " and ")]++
		}
		require.Len(t, pairs, 10)
		require.Less(t, chiSquare(pairs, fairDraws/10), chiSquare9)
	})
}

func chiSquare(counts map[string]int, expected float64) (sum float64) {
	for _, count := range counts {
		d := float64(count) - expected
		sum += d * d / expected
	}
	return sum
}
