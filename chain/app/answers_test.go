package app_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// answerFee is the fee of a challenge about chunks of the dataset of the table of gas.
func answerFee(chunks int) uint64 {
	terms := types.DefaultParams().NewChallengeTerms(types.ACK_MODE_QUORUM)
	return terms.Fee(17*65_536, chunks)
}

// answerSizes are the rows of what an answer takes, if the chain asked for slices of another
// size than a chunk: as many as find a missing part of a ciphertext of 1 GiB with the same
// odds. What is the same for all is taken from the table of gas.
func answerSizes(t *testing.T) (rows []string) {
	const gib, odds, perByte = 1 << 30, 0.99, 10
	one := gasTable(t)["MsgAnswer of one chunk"]
	slice := func(kib int) int { return 8 + 64*int(math.Ceil(math.Log2(gib/float64(kib<<10)))) + kib<<10 }
	base := one.gas - perByte*(8+64*11+1024) - int(types.SliceGas(8+64*11+1024))
	for _, kib := range []int{1, 4, 16, 64, 256} {
		row := fmt.Sprintf("| %d KiB | %s |", kib, thousands(int64(slice(kib))))
		for _, missing := range []float64{1, 0.25, 0.1} {
			n := 1
			if missing < 1 {
				n = int(math.Ceil(math.Log(1-odds) / math.Log(1-missing)))
			}
			bytes := n * slice(kib)
			gas := base + perByte*bytes + int(types.SliceGas(bytes))
			row += fmt.Sprintf(" %d: %.1f KB, %.2f M |", n, float64(bytes)/1e3, float64(gas)/1e6)
		}
		rows = append(rows, row)
	}
	return rows
}
