package seller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// The reasons of a rejection stay, in whatever order the validator's words and the
// chain's come, and a verdict on chain is not taken back.
func TestReasonsAreKept(t *testing.T) {
	reasons := []pdx.Finding{{Record: 1, Path: "/id", Rule: "required"}}
	told := Check{Validator: "v", Stage: pdx.StageCertifying, Message: "criteria", Findings: reasons}
	onChain := Check{Validator: "v", Stage: pdx.StageDone, Message: "criteria"}
	heard := Check{Validator: "v", Stage: pdx.StageDone, Message: "criteria", Findings: reasons}
	unreachable := Check{Validator: "v", Stage: StageWaiting, Message: "cannot be reached"}
	for name, notes := range map[string][]Check{
		"told, then on chain":                    {told, onChain},
		"on chain, then told":                    {onChain, told},
		"on chain, then heard":                   {onChain, heard},
		"told, then lost, then on chain":         {told, unreachable, onChain},
		"heard, then on chain, then unreachable": {heard, onChain, unreachable},
	} {
		var sale Sale
		for _, note := range notes {
			sale.note(note)
		}
		require.Equal(t, []Check{heard}, sale.Checks, name)
	}

	var sale Sale
	sale.note(told)
	sale.note(Check{Validator: "v", Stage: pdx.StageDone, Accepted: true})
	require.Equal(t, []Check{{Validator: "v", Stage: pdx.StageDone, Accepted: true}}, sale.Checks, "the chain's word counts")
}
