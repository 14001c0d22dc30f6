package app_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestNoMoveCostsOthersMore computes the table of what the dearest moves cost: for as many
// validators as can be drawn, at the least reward of a pool that draws.
func TestNoMoveCostsOthersMore(t *testing.T) {
	const n = int64(types.MaxPoolValidators)
	table, p := gasTable(t), types.DefaultParams()
	gas := func(names ...string) (sum int64) {
		for _, name := range names {
			require.Positive(t, table[name].gas, name)
			sum += int64(table[name].gas) * perGas
		}
		return sum
	}
	cost := int64(p.VerdictCost)
	kth := gas("MsgCertify of a drawn deal")
	verdict := kth - gas("MsgCertify") + gas("MsgCertify, not the k-th accept")
	base := p.OfferDeposit.Int64()
	open := gas("MsgCreatePool that draws", "MsgOffer that is drawn", "MsgDraw of one deal")
	stake := int64(p.NewStake(p.OfferDeposit, 1, 1<<20).Amount)
	rows := []struct {
		move              string
		attackers, others int64
	}{
		{
			"a seller's junk, which all reject",
			gas("MsgOffer that is drawn") + base + n*cost,
			gas("MsgDraw of one deal") + n*(verdict-cost),
		},
		{
			"buyer and seller have good data checked, and do not acknowledge it",
			open + n*cost,
			kth + (n-1)*verdict - n*cost,
		},
		{
			"buyer and seller have it checked, and the pool closes before the last accept",
			open + gas("MsgClosePool") + (n-1)*cost,
			(n - 1) * (verdict - cost),
		},
		{
			"a seller never delivers",
			gas("MsgOffer that is drawn") + base + n*cost,
			max(0, gas("MsgDraw of one deal", "MsgAck")-base) + kth + (n-1)*verdict - n*cost,
		},
		{
			"a seller and the one validator that k asks for sell what does not open",
			gas("MsgOffer", "MsgCertify", "MsgDeliver") + base + stake,
			max(0, gas("MsgCreatePool", "MsgAck", "MsgComplain about a segment")-
				base-int64(p.SegmentComplaintCost+p.CompensationBase)),
		},
	}
	spec, err := os.ReadFile("../../docs/spec/exchange.md")
	require.NoError(t, err)
	for _, row := range rows {
		require.Greater(t, row.attackers, row.others, row.move)
		line := fmt.Sprintf("| %s | %s | %s |", row.move, inMED(row.attackers), inMED(row.others))
		t.Log(line)
		if !strings.Contains(string(spec), "\n"+line+"\n") {
			t.Errorf("the specification has not: %s", line)
		}
	}
}
