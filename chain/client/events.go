package client

import (
	"fmt"
	"slices"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Block is one height of the chain and the module's events in it, in order.
type Block struct {
	Head   pdx.Head
	Events []pdx.Event
	// Movements are the account's, as one endpoint says; none for a reader.
	Movements []Movement
}

// NewBlock converts the module's typed events; it ignores unknown kinds.
func NewBlock(head pdx.Head, events []proto.Message) Block {
	block := Block{Head: head}
	for _, typed := range events {
		event, ok := toEvent(typed)
		if !ok {
			continue
		}
		event.Kind = strings.TrimPrefix(proto.MessageName(typed), eventPrefix)
		event.Height, event.Index = head.Height, len(block.Events)
		block.Events = append(block.Events, event)
	}
	return block
}

// eventPrefix begins the type of every event of the module.
const eventPrefix = "panacea.datapool.v3."

// parseBlock selects the module's events.
func parseBlock(head pdx.Head, events []abci.Event) (Block, error) {
	var typed []proto.Message
	for _, raw := range events {
		if !strings.HasPrefix(raw.Type, eventPrefix) || proto.MessageType(raw.Type) == nil {
			continue
		}
		event, err := parseEvent(raw)
		if err != nil {
			return Block{}, fmt.Errorf("event %s of block %d: %w: %v", raw.Type, head.Height, pdx.ErrCorrupt, err)
		}
		typed = append(typed, event)
	}
	return NewBlock(head, typed), nil
}

// parseEvent reads one of the module's. The SDK adds attributes about
// its origin, of which mode is not JSON, as the SDK's parser requires.
func parseEvent(raw abci.Event) (proto.Message, error) {
	raw.Attributes = slices.DeleteFunc(slices.Clone(raw.Attributes), func(a abci.EventAttribute) bool {
		return a.Key == "mode" || a.Key == "msg_index"
	})
	return sdk.ParseTypedEvent(raw)
}

func toEvent(typed proto.Message) (pdx.Event, bool) {
	switch e := typed.(type) {
	case *types.EventPoolCreated:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), State: string(pdx.PoolOpen)}, true
	case *types.EventPoolStatus:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), State: poolStatusWord(e.Status)}, true
	case *types.EventDealState:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId), State: dealStateWord(e.State)}, true
	case *types.EventCertificate:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId), Validator: pdx.Address(e.Validator)}, true
	case *types.EventDrawn:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId)}, true
	case *types.EventChallenged:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId)}, true
	case *types.EventChallengeEnded:
		return pdx.Event{
			Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId), State: challengeStateWord(e.State), Validator: pdx.Address(e.Validator),
		}, true
	case *types.EventConvicted:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId)}, true
	case *types.EventDeadlineFailed:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId)}, true
	case *types.EventCredited:
		return pdx.Event{Deal: pdx.DealID(e.DealId)}, true
	case *types.EventWithdrawn, *types.EventParamsUpdated:
		return pdx.Event{}, true
	}
	return toValidatorEvent(typed)
}

// toValidatorEvent converts the events about one validator.
func toValidatorEvent(typed proto.Message) (pdx.Event, bool) {
	switch e := typed.(type) {
	case *types.EventValidatorRegistered:
		return pdx.Event{Validator: pdx.Address(e.Validator), State: string(pdx.ValidatorBonded)}, true
	case *types.EventValidatorUpdated:
		return pdx.Event{Validator: pdx.Address(e.Validator)}, true
	case *types.EventBondAdded:
		return pdx.Event{Validator: pdx.Address(e.Validator)}, true
	case *types.EventCommission:
		return pdx.Event{Validator: pdx.Address(e.Validator)}, true
	case *types.EventConditions:
		return pdx.Event{Validator: pdx.Address(e.Validator)}, true
	case *types.EventValidatorStatus:
		return pdx.Event{Validator: pdx.Address(e.Validator), State: validatorStatusWord(e.Status)}, true
	case *types.EventDutyMissed:
		return pdx.Event{Pool: pdx.PoolID(e.PoolId), Validator: pdx.Address(e.Validator), Deal: pdx.DealID(e.DealId)}, true
	case *types.EventSlashed:
		return pdx.Event{Validator: pdx.Address(e.Validator), Deal: pdx.DealID(e.DealId)}, true
	}
	return pdx.Event{}, false
}
