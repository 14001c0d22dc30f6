package client

import (
	"fmt"
	"slices"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// MovementKind says what money was moved for.
type MovementKind string

// The kinds of movements.
const (
	FeePaid  MovementKind = "fee"      // of a transaction, whether it succeeded or not
	PaidIn   MovementKind = "paid"     // into the module: a deposit, escrow, a bond, the fee of a challenge
	Credited MovementKind = "credited" // by the module: the account may withdraw it
	Slashed  MovementKind = "slashed"  // of a validator's bond
)

// Movement is money of an account that moved in a block.
type Movement struct {
	Kind   MovementKind
	Deals  []pdx.DealID // that the transaction is about; of a credit at most one
	Amount pdx.Amount
}

// movements returns what moved of an account's money in a block: its transactions first, then
// what the module did by itself.
func movements(account pdx.Address, results *coretypes.ResultBlockResults) (list []Movement, err error) {
	if account == "" {
		return nil, nil
	}
	for _, tx := range results.TxsResults {
		list = append(list, spentBy(account, tx)...)
		if tx.IsOK() {
			if list, err = appendCredits(list, account, tx.Events); err != nil {
				return nil, err
			}
		}
	}
	return appendCredits(list, account, results.FinalizeBlockEvents)
}

// spentBy returns the fee of an account's transaction, and what it paid into the module.
func spentBy(account pdx.Address, tx *abci.ExecTxResult) (list []Movement) {
	var fee, spent pdx.Amount
	own, module := false, false
	for _, e := range tx.Events {
		switch {
		case e.Type == "tx" && attribute(e, "fee_payer") == string(account):
			own, fee = true, fee+amountOf(attribute(e, "fee"))
		case e.Type == "coin_spent" && attribute(e, "spender") == string(account):
			spent += amountOf(attribute(e, "amount"))
		case strings.HasPrefix(e.Type, eventPrefix):
			module = true
		}
	}
	if !own {
		return nil
	}
	var deals []pdx.DealID
	if tx.IsOK() {
		deals = dealsOf(tx.Events)
	}
	if fee > 0 {
		list = append(list, Movement{FeePaid, deals, fee})
	}
	if tx.IsOK() && module && spent > fee {
		list = append(list, Movement{PaidIn, deals, spent - fee})
	}
	return list
}

// dealsOf returns the deals that a transaction's events name, each once.
func dealsOf(events []abci.Event) (deals []pdx.DealID) {
	block, err := parseBlock(pdx.Head{}, events)
	if err != nil { // parseBlock of the whole block has said so
		return nil
	}
	for _, e := range block.Events {
		if e.Deal != 0 && !slices.Contains(deals, e.Deal) {
			deals = append(deals, e.Deal)
		}
	}
	return deals
}

// appendCredits adds what events say was credited to an account, or taken from its bond.
func appendCredits(list []Movement, account pdx.Address, events []abci.Event) ([]Movement, error) {
	for _, raw := range events {
		kind, address, deal, text := Credited, "", uint64(0), ""
		if raw.Type != eventPrefix+"EventCredited" && raw.Type != eventPrefix+"EventSlashed" {
			continue
		}
		typed, err := parseEvent(raw)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w: %v", raw.Type, pdx.ErrCorrupt, err)
		}
		switch e := typed.(type) {
		case *types.EventCredited:
			address, deal, text = e.Address, e.DealId, e.Amount
		case *types.EventSlashed:
			kind, address, deal, text = Slashed, e.Validator, e.DealId, e.Amount
		default:
			return nil, fmt.Errorf("event %s: %w: it is a %s", raw.Type, pdx.ErrCorrupt, proto.MessageName(typed))
		}
		if address != string(account) {
			continue
		}
		amount, err := pdx.ParseAmount(text + pdx.Denom)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w: amount %.40q", raw.Type, pdx.ErrCorrupt, text)
		}
		m := Movement{Kind: kind, Amount: amount}
		if deal != 0 {
			m.Deals = []pdx.DealID{pdx.DealID(deal)}
		}
		list = append(list, m)
	}
	return list, nil
}

func attribute(e abci.Event, key string) string {
	i := slices.IndexFunc(e.Attributes, func(a abci.EventAttribute) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return e.Attributes[i].Value
}

// amountOf reads the part of coins that is of the chain's denomination; 0 for what are no coins.
func amountOf(coins string) pdx.Amount {
	list, err := sdk.ParseCoinsNormalized(coins)
	if err != nil {
		return 0
	}
	amount := list.AmountOf(pdx.Denom)
	if !amount.IsUint64() {
		return 0
	}
	return pdx.Amount(amount.Uint64())
}
