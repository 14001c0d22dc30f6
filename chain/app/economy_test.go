package app_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// The prices of the tables of money in docs/spec/datapool.md, in umed. Gas is Panacea's; what
// bandwidth and disk cost is an assumption that the page states.
const (
	med       = 1_000_000
	perGas    = 5
	perGiB    = 100_000 // of traffic, in either direction
	perGiBDay = 3_000   // of disk
	keptDays  = 14
	tablesN   = 3 // validators that are drawn
	tablesK   = 2 // accepts that a deal requires
	tablesBp  = 100
)

// TestCostsCoverGas holds the parameters that stand for gas against the table of gas, so that
// neither changes without the other.
func TestCostsCoverGas(t *testing.T) {
	gas, p := gasTable(t), types.DefaultParams()
	for name, row := range map[string]struct {
		cost uint64
		of   string
	}{
		"verdict_cost":           {p.VerdictCost, "MsgCertify, not the k-th accept"},
		"offer_cost":             {p.OfferCost, "MsgOffer"},
		"segment_complaint_cost": {p.SegmentComplaintCost, "MsgComplain, largest"},
		"box_complaint_cost":     {p.BoxComplaintCost, "MsgComplain about a box"},
		"challenge_cost":         {p.ChallengeCost, "MsgChallenge about 16 chunks"},
		"answer_cost and that of a chunk's bytes":  {answerFee(1), "MsgAnswer of one chunk"},
		"answer_cost and that of 16 chunks' bytes": {answerFee(16), "MsgAnswer of 16 chunks"},
	} {
		spent := uint64(gas[row.of].gas * perGas)
		require.GreaterOrEqual(t, row.cost, spent, name)
		require.Less(t, row.cost, spent*5/4, "%s is far above the gas", name)
	}
	drawn := uint64(drawnVerdict(gas))
	require.GreaterOrEqual(t, p.DrawnVerdictCost, drawn)
	require.Less(t, p.DrawnVerdictCost, drawn*5/4)
	over := p.OfferCost - uint64(gas["MsgOffer"].gas*perGas)
	require.LessOrEqual(t, over, uint64(gas["MsgWithdraw"].gas*perGas), "nobody offers to be paid for it")
	// Two friends who have a fraud convicted spend more than they are paid.
	spent := 0
	for _, name := range []string{"MsgCreatePool", "MsgOffer", "MsgAck", "MsgDeliver", "MsgWithdraw"} {
		spent += gas[name].gas * perGas
	}
	require.Less(t, p.CompensationBase, uint64(spent))
	require.LessOrEqual(t, p.CompensationPerMib*1024, uint64(perGiB*2), "a pull and its serving")
}

// drawnVerdict is what a verdict costs in umed where validators are drawn, if it is not the
// k-th accept.
func drawnVerdict(gas map[string]priced) int {
	return perGas * (gas["MsgCertify of a drawn deal"].gas - gas["MsgCertify"].gas + gas["MsgCertify, not the k-th accept"].gas)
}

// TestTablesOfMoney computes the tables of the specification.
func TestTablesOfMoney(t *testing.T) {
	raw, err := os.ReadFile("../../docs/spec/datapool.md")
	require.NoError(t, err)
	lines := slices.Concat(openDeals(), leastPrices(t), answerSizes(t))
	t.Log("\n" + strings.Join(lines, "\n"))
	for _, line := range lines {
		require.True(t, strings.Contains(string(raw), "\n"+line+"\n"), "the specification has not: %s", line)
	}
}

// openDeals are the rows of how many open deals a bond of 1,000 MED allows.
func openDeals() (rows []string) {
	p := types.DefaultParams()
	for _, price := range []int64{1, 10, 100, 1_000, 10_000} {
		row := fmt.Sprintf("| %s |", thousands(price))
		for _, k := range []uint32{1, 2, 3} {
			stake := p.NewStake(math.NewInt(price*med), k, 1<<20).Amount
			row += fmt.Sprintf(" %s: %s |", inMED(int64(stake)), thousands(p.MinBond.Int64()/int64(stake)))
		}
		rows = append(rows, row)
	}
	return rows
}

// role is one that may earn by a dataset.
type role struct {
	name   string
	gas    int64                   // of the messages that it sends, in umed
	pulls  int                     // how often it moves the ciphertext
	income func(price int64) int64 // at the default reward
}

// leastPrices are the rows of the prices from which a role earns, by the dataset's size.
func leastPrices(t *testing.T) (rows []string) {
	gas := gasTable(t)
	spent := func(names ...string) (sum int64) {
		for _, name := range names {
			require.Positive(t, gas[name].gas, name)
			sum += int64(gas[name].gas) * perGas
		}
		return sum
	}
	kth := spent("MsgCertify of a drawn deal")
	for _, r := range []role{
		{"seller", spent("MsgOffer that is drawn", "MsgDeliver", "MsgWithdraw"), tablesN + 1, func(price int64) int64 {
			return price - tablesK*reward(price) - late(price) - tablesK*commission(price)
		}},
		{"validator, one of the k", kth, 2, func(price int64) int64 { return reward(price) + commission(price) }},
		{"validator, on average", (kth + (tablesN-1)*int64(drawnVerdict(gas))) / tablesN, 2, func(price int64) int64 {
			return (tablesK*(reward(price)+commission(price)) + (tablesN-tablesK)*late(price)) / tablesN
		}},
	} {
		row := fmt.Sprintf("| %s |", r.name)
		for _, size := range []int64{1, 100, 1_024, 10_240} { // MiB
			cost := r.gas + size*(int64(r.pulls)*perGiB+keptDays*perGiBDay)/1024
			price := least(func(price int64) bool { return r.income(price) > cost })
			if size <= 100 {
				require.LessOrEqual(t, price, int64(10*med), "%s earns at 10 MED", r.name)
			}
			row += fmt.Sprintf(" %s |", inMED(price))
		}
		rows = append(rows, row)
	}
	return rows
}

// least is the lowest price, in tenths of MED, at which something holds.
func least(holds func(price int64) bool) int64 {
	for price := int64(med / 10); ; price += med / 10 {
		if holds(price) {
			return price
		}
	}
}

// reward is that of a pool whose buyer names none (node/model.DefaultReward).
func reward(price int64) int64 { return min(med, price/(3*tablesN)) }

// late is what an accept earns that comes after the k-th.
func late(price int64) int64 {
	return (tablesN - tablesK) * min(reward(price), int64(types.DefaultParams().DrawnVerdictCost))
}

func commission(price int64) int64 {
	return (price - tablesK*reward(price) - late(price)) * tablesBp / types.BasisPoints
}

// inMED writes an amount with one digit behind the point, if it is not a whole one.
func inMED(umed int64) string {
	if tenths := umed / (med / 10) % 10; tenths != 0 {
		return fmt.Sprintf("%s.%d", thousands(umed/med), tenths)
	}
	return thousands(umed / med)
}

// thousands writes a number below a million.
func thousands(n int64) string {
	if n < 1_000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1_000, n%1_000)
}
