package app_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

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
	cost, offerCost := int64(p.DrawnVerdictCost), int64(p.OfferCost)
	kth, offer, draw := gas("MsgCertify of a drawn deal"), gas("MsgOffer that is drawn"), gas("MsgDraw of one deal")
	verdict := int64(drawnVerdict(table))
	unpaid := func(spent, paid int64) int64 { return max(0, spent-paid) }
	each := disputed(p, int(n))
	base := p.OfferDeposit.Int64()
	open := gas("MsgCreatePool that draws", "MsgOffer that is drawn", "MsgDraw of one deal")
	stake := int64(p.NewStake(p.OfferDeposit, 1, 1<<20).Amount)
	rows := []struct {
		move              string
		attackers, others int64
	}{
		{
			"a seller's junk, which all reject",
			offer + base + n*cost,
			draw + unpaid(n*verdict, n*cost),
		},
		{
			"buyer and seller have good data checked, and do not acknowledge it",
			open + n*cost,
			unpaid(kth+(n-1)*verdict, n*cost),
		},
		{
			"buyer and seller have it checked, and the pool closes before the last accept",
			open + gas("MsgClosePool") + (n-1)*cost,
			unpaid((n-1)*verdict, (n-1)*cost),
		},
		{
			"a buyer closes a pool in which all but one have checked an offer",
			draw + gas("MsgClosePool") + offerCost + (n-1)*cost,
			unpaid(offer, offerCost) + unpaid((n-1)*verdict, (n-1)*cost),
		},
		{
			"a buyer does not acknowledge what all have accepted",
			draw + n*cost/2,
			offer + n*cost - n*cost/2 + unpaid(kth+(n-1)*verdict, n*cost),
		},
		{
			"a seller and its validators serve the ciphertext to nobody",
			offer + gas("MsgWithdraw") + n*cost - n*cost/2,
			draw + n*cost/2,
		},
		{
			"buyer and the rest reject good data, which the one accepts that k = 2 leaves",
			draw + (n-1)*(verdict-each),
			offer + cost + (n-1)*each,
		},
		{
			"buyer, seller and that one have the rest reject junk",
			offer + draw + verdict + (n-1)*each,
			(n - 1) * (verdict - each),
		},
		{
			"a seller never delivers",
			offer + base + n*cost,
			unpaid(draw+gas("MsgAck"), base) + unpaid(kth+(n-1)*verdict, n*cost),
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

// disputed is what each reject earns where all but one of n drawn validators reject, and two
// accepts are required.
func disputed(p types.Params, n int) int64 {
	d := types.Deal{
		RequiredCertificates: 2, VerdictReward: p.DrawnVerdictCost, VerdictCost: p.DrawnVerdictCost, OfferCost: p.OfferCost,
		Validators: make([]types.AcceptedValidator, n), Draw: &types.Draw{Count: uint32(n), Height: 1},
	}
	d.Certificates = append(d.Certificates, types.Certificate{Validator: "one", Verdict: types.VERDICT_ACCEPT})
	for range n - 1 {
		d.Certificates = append(d.Certificates, types.Certificate{Verdict: types.VERDICT_REJECT, Reason: types.REJECT_REASON_CRITERIA})
	}
	earned, _ := d.LapseEarned(false)
	return earned[len(earned)-1].Amount.Int64()
}

// TestNeitherSidePaysMoreWhereNobodyIsDrawn: a buyer that does not acknowledge bears at least as
// much as the seller, whose accepts are paid, and as the seller if it is the one at fault.
func TestNeitherSidePaysMoreWhereNobodyIsDrawn(t *testing.T) {
	gas, p := gasTable(t), types.DefaultParams()
	offer := int64(gas["MsgOffer"].gas) * perGas
	for accepts := range int64(types.MaxPoolValidators) {
		d := types.Deal{RequiredCertificates: 1, VerdictCost: p.VerdictCost, OfferCost: p.OfferCost, Price: math.NewInt(100 * med)}
		for range accepts {
			d.Certificates = append(d.Certificates, types.Certificate{Verdict: types.VERDICT_ACCEPT})
		}
		buyer := d.UnackedCost().Int64()
		seller := offer + accepts*int64(p.VerdictCost) - buyer
		require.GreaterOrEqual(t, buyer, seller)
		require.GreaterOrEqual(t, seller+int64(gas["MsgWithdraw"].gas)*perGas, buyer)
	}
}
