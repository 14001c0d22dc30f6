package client

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// The enums of the protos and the words of package pdx are the same words: a
// prefix and the case apart.

func word(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }

func dealStateWord(s types.DealState) string { return word(s.String(), "DEAL_STATE_") }

func poolStatusWord(s types.PoolStatus) string { return word(s.String(), "POOL_STATUS_") }

func ackModeWord(m types.AckMode) string { return word(m.String(), "ACK_MODE_") }

func validatorStatusWord(s types.ValidatorStatus) string {
	return word(s.String(), "VALIDATOR_STATUS_")
}

func complaintKindWord(k types.ComplaintKind) string { return word(k.String(), "COMPLAINT_KIND_") }

func challengeStateWord(s types.ChallengeState) string { return word(s.String(), "CHALLENGE_STATE_") }

func fromAckMode(m pdx.AckMode) (types.AckMode, error) {
	n, err := number("ack mode", string(m), "ACK_MODE_", types.AckMode_value)
	return types.AckMode(n), err
}

func fromDealState(s pdx.DealState) (types.DealState, error) {
	n, err := number("deal state", string(s), "DEAL_STATE_", types.DealState_value)
	return types.DealState(n), err
}

func fromPoolStatus(s pdx.PoolStatus) (types.PoolStatus, error) {
	n, err := number("pool status", string(s), "POOL_STATUS_", types.PoolStatus_value)
	return types.PoolStatus(n), err
}

// number finds the enum value of a word; the empty word is 0, unspecified.
func number(what, word, prefix string, values map[string]int32) (int32, error) {
	if word == "" {
		return 0, nil
	}
	n, ok := values[prefix+strings.ToUpper(word)]
	if !ok || n == 0 {
		return 0, fmt.Errorf("%s %q: %w: it must be one of %s", what, word, pdx.ErrInvalid, known(prefix, values))
	}
	return n, nil
}

// known lists the words of an enum by their numbers, without 0, unspecified.
func known(prefix string, values map[string]int32) string {
	names := slices.SortedFunc(maps.Keys(values), func(a, b string) int { return int(values[a] - values[b]) })
	var list []string
	for _, name := range names {
		if values[name] != 0 {
			list = append(list, word(name, prefix))
		}
	}
	return strings.Join(list, ", ")
}
