package seller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// The reasons of a rejection stay, in whatever order the validator's words and the
// chain's come, and a verdict on chain is not taken back.
func TestReasonsAreKept(t *testing.T) {
	reasons := []pdx.Finding{{Record: 1, Path: "/id", Rule: "required"}}
	told := model.Check{Validator: "v", Stage: pdx.StageCertifying, Message: "criteria", Findings: reasons}
	onChain := model.Check{Validator: "v", Stage: pdx.StageDone, Message: "criteria"}
	heard := model.Check{Validator: "v", Stage: pdx.StageDone, Message: "criteria", Findings: reasons}
	unreachable := model.Check{Validator: "v", Stage: model.StageWaiting, Message: "cannot be reached"}
	for name, notes := range map[string][]model.Check{
		"told, then on chain":                    {told, onChain},
		"on chain, then told":                    {onChain, told},
		"on chain, then heard":                   {onChain, heard},
		"told, then lost, then on chain":         {told, unreachable, onChain},
		"heard, then on chain, then unreachable": {heard, onChain, unreachable},
	} {
		var sale model.Sale
		for _, note := range notes {
			mergeCheck(&sale, note)
		}
		require.Equal(t, []model.Check{heard}, sale.Checks, name)
	}

	var sale model.Sale
	mergeCheck(&sale, told)
	mergeCheck(&sale, model.Check{Validator: "v", Stage: pdx.StageDone, Accepted: true})
	require.Equal(t, []model.Check{{Validator: "v", Stage: pdx.StageDone, Accepted: true}}, sale.Checks, "the chain's word counts")
}
