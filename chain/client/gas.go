package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// maxGas returns the most gas that an endpoint may ask for a message, so that its word alone
// never decides what a transaction costs. It is what the dearest message of the kind takes,
// with the headroom.
func maxGas(msg sdk.Msg) uint64 {
	gas := uint64(recordGas)
	switch msg.(type) {
	case *types.MsgRegisterValidator, *types.MsgUpdateValidator, *types.MsgAddBond, *types.MsgSetCommission,
		*types.MsgSetConditions,
		*types.MsgUnbond, *types.MsgUnjail, *types.MsgWithdraw:
		gas = accountGas
	}
	return withHeadroom(gas)
}

// withHeadroom adds what state may grow between simulation and block.
func withHeadroom(gas uint64) uint64 { return gas + max(gas*gasHeadroomPercent/100, gasHeadroomLeast) }

// A GasPrice is the price of a unit of gas, in umed.
type GasPrice struct {
	Asked uint64 // by the chain, as last read; 0 before
	Limit uint64 // the most that this node pays
}

// TooHigh reports whether the chain asks for more than this node pays.
func (p GasPrice) TooHigh() bool { return p.Asked > p.Limit }

// gasPrice returns the price to pay: what the chain asks, at least the configured price and
// at most the limit. A price above the limit is not believed for longer than this
// transaction: whoever named it may have lied. The wallet's signing token guards it.
func (w *wallet) gasPrice(ctx context.Context) (uint64, error) {
	if w.priceRead.IsZero() || time.Since(w.priceRead) > priceTTL || w.asked.Load() > w.cfg.MaxGasPrice {
		asked, err := w.askPrice(ctx)
		if err != nil && ctx.Err() != nil {
			return 0, err
		}
		if err == nil {
			w.asked.Store(asked)
		} // an endpoint need not serve the query; its refusal shows a price that is too low
		w.priceRead = time.Now()
	}
	price := max(w.cfg.GasPrice, w.asked.Load())
	if price > w.cfg.MaxGasPrice {
		return 0, fmt.Errorf("%w: the chain asks %d umed for a unit of gas, this node pays at most %d: raise chain.max_gas_price",
			pdx.ErrRefused, price, w.cfg.MaxGasPrice)
	}
	return price, nil
}

// askPrice reads the minimum gas price of the first endpoint that asks no more than this
// node pays, and avoids those before it that asked more. If all ask more, it returns the
// lowest price.
func (w *wallet) askPrice(ctx context.Context) (uint64, error) {
	var dear []*endpoint
	var failed failures
	lowest := uint64(math.MaxUint64)
	for _, e := range w.order() {
		price, err := e.askPrice(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return 0, err
		case err != nil:
			if elsewhere(err) {
				w.leave(e, err)
			}
			failed = append(failed, err)
		case price > w.cfg.MaxGasPrice:
			dear, lowest = append(dear, e), min(lowest, price)
		default:
			for _, d := range dear {
				w.leave(d, tooDear(d))
			}
			return price, nil
		}
	}
	if len(dear) > 0 {
		return lowest, nil
	}
	return 0, failed.error()
}

// tooDear is why an endpoint is avoided that asks more than this node pays.
func tooDear(e *endpoint) error {
	return fmt.Errorf("%s: %w: it asks more for gas than chain.max_gas_price allows", e.address, pdx.ErrRefused)
}

// askPrice reads the minimum gas price of an endpoint.
func (e *endpoint) askPrice(ctx context.Context) (uint64, error) {
	res, err := nodeservice.NewServiceClient(e.ClientConn).Config(ctx, &nodeservice.ConfigRequest{})
	if err != nil {
		return 0, unreachable("minimum gas price", err)
	}
	coins, err := sdk.ParseDecCoins(res.MinimumGasPrice)
	if err != nil {
		return 0, fmt.Errorf("minimum gas price %q: %w", res.MinimumGasPrice, pdx.ErrCorrupt)
	}
	price := coins.AmountOf(pdx.Denom).Ceil().TruncateInt()
	if !price.IsUint64() {
		return math.MaxUint64, nil
	}
	return price.Uint64(), nil
}

// raisePrice takes the price out of the refusal of a fee that was too low, and reports
// whether that is more than was paid. An endpoint whose price is above this node's limit is
// avoided: the next try asks the others what they ask, and goes to them.
func (w *wallet) raisePrice(fee *feeError, via *endpoint) bool {
	required, err := sdk.ParseCoinsNormalized(fee.required)
	if err != nil {
		return false
	}
	amount := required.AmountOf(pdx.Denom)
	if !amount.IsUint64() || fee.gas == 0 {
		return false
	}
	price := amount.Uint64() / fee.gas
	if amount.Uint64()%fee.gas > 0 {
		price++
	}
	if price <= fee.price {
		return false
	}
	w.asked.Store(price)
	if via != nil && price > w.cfg.MaxGasPrice {
		w.leave(via, tooDear(via))
	}
	return true
}

// feeError is the refusal of a fee that was too low.
type feeError struct {
	*Refusal
	gas, price uint64
	required   string
}

func (e *feeError) Unwrap() error { return e.Refusal }

// tooLow returns err as a *feeError if it is the refusal of a fee.
func tooLow(err error, gas, price uint64) error {
	var refused *Refusal
	if !errors.As(err, &refused) {
		return err
	}
	required, ok := refused.requiredFee()
	if !ok {
		return err
	}
	return &feeError{refused, gas, price, required}
}

// SaleFees estimates what a seller pays in fees for one deal: for an offer, a delivery and a
// withdrawal. Many disclosed fields and terms make an offer dearer.
func (c *Client) SaleFees() pdx.Amount {
	fees := c.Fees()
	return fees["MsgOffer"] + fees["MsgDeliver"] + fees["MsgWithdraw"]
}

// feeOf is the fee of an amount of gas at the present price, which is the larger of this
// node's own and the chain's.
func (c *Client) feeOf(gas uint64) pdx.Amount {
	price := max(c.wallet.cfg.GasPrice, min(c.wallet.asked.Load(), c.wallet.cfg.MaxGasPrice))
	return pdx.Amount(price * gas)
}

// typicalGas is what transactions of one message take (docs/spec/datapool.md, section 12).
var typicalGas = map[string]uint64{
	"MsgRegisterValidator": 108_155, "MsgUpdateValidator": 58_048, "MsgAddBond": 77_174, "MsgSetCommission": 57_051,
	"MsgSetConditions": 52_286, "MsgUnbond": 60_526, "MsgUnjail": 61_514, "MsgCreatePool": 139_776, "MsgClosePool": 82_729,
	"MsgOffer": 166_757, "MsgWithdrawOffer": 94_901, "MsgCertify": 118_698, "MsgAck": 83_495, "MsgChallenge": 106_364,
	"MsgDeliver": 114_669, "MsgWithdraw": 68_352,
}

// Fees estimates the fee of each message by its name. Much text makes a message dearer.
func (c *Client) Fees() map[string]pdx.Amount {
	fees := make(map[string]pdx.Amount, len(typicalGas))
	for name, gas := range typicalGas {
		fees[name] = c.feeOf(withHeadroom(gas))
	}
	return fees
}
