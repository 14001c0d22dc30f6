package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
)

// simulatedFee makes a simulation pay like the transaction, so that the gas for the payment
// is counted and an empty account is refused.
const simulatedFee pdx.Amount = 1

// simulate runs the message on the endpoint's last state: a refusal
// costs nothing. It returns the gas to pay for.
//
// While the endpoint processes a block, its simulations may see the sequence without waiting
// transactions. Only a broadcast decides which one is right, so a lower one is used for the
// simulation alone.
func (w *wallet) simulate(ctx context.Context, msg sdk.Msg) (uint64, error) {
	sequence := w.signer.sequence
	var refused *Refusal
	for range sequenceTries {
		raw, err := w.sign(ctx, msg, 0, simulatedFee, sequence, 0)
		if err != nil {
			return 0, err
		}
		gas, err := w.gasOf(ctx, raw, maxGas(msg))
		if !errors.As(err, &refused) {
			return gas, err
		}
		expected, ok := refused.expectedSequence()
		if !ok {
			return 0, refused
		}
		sequence = expected
		if expected > w.signer.sequence {
			w.expect(expected)
		}
	}
	return 0, refused
}

// gasOf simulates over RPC, where a refusal has its code; over gRPC it has only text.
func (w *wallet) gasOf(ctx context.Context, raw []byte, most uint64) (uint64, error) {
	return try(ctx, w.endpoints, func(e *endpoint) (uint64, error) { return e.gasOf(ctx, raw, most) })
}

func (e *endpoint) gasOf(ctx context.Context, raw []byte, most uint64) (uint64, error) {
	res, err := e.rpc.ABCIQuery(ctx, "/app/simulate", raw)
	if err != nil {
		return 0, unreachable("simulate", err)
	}
	if r := res.Response; r.Code != 0 {
		return 0, NewRefusal(r.Codespace, r.Code, r.Log, "")
	}
	var answer struct {
		GasInfo struct {
			GasUsed string `json:"gas_used"`
		} `json:"gas_info"`
	}
	if err := json.Unmarshal(res.Response.Value, &answer); err != nil {
		return 0, fmt.Errorf("answer to simulate: %w: %v", pdx.ErrCorrupt, err)
	}
	used, err := strconv.ParseUint(answer.GasInfo.GasUsed, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("gas in the answer to simulate: %w: %v", pdx.ErrCorrupt, err)
	}
	gas := withHeadroom(used)
	if gas > most {
		return 0, fmt.Errorf("%s: %w: it asks %d gas for a message that takes at most %d", e.address, pdx.ErrCorrupt, gas, most)
	}
	return gas, nil
}
