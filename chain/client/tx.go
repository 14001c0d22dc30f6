package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"
	"github.com/medibloc/pdx"
)

// send brings one message into a block and returns what its handler answered.
// An error that is a *Refusal is the chain's; pdx.ErrUnavailable means that the
// transaction is in no block and will be in none.
func (c *Client) send(ctx context.Context, msg sdk.Msg) (*sdk.TxResponse, error) {
	if c.account == "" {
		return nil, fmt.Errorf("%w: this node has no account to sign with", pdx.ErrInvalid)
	}
	head, err := c.Head(ctx)
	if err != nil {
		return nil, err
	}
	timeout := uint64(head.Height) + timeoutBlocks
	hash, err := c.submit(ctx, msg, timeout)
	if err != nil {
		return nil, err
	}
	return c.await(ctx, hash, timeout)
}

// submit signs and broadcasts under the lock, again whenever the chain expects
// another sequence, and returns the hash.
func (c *Client) submit(ctx context.Context, msg sdk.Msg, timeout uint64) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var refused *Refusal
	for range sequenceTries {
		if err := c.signer.load(ctx, c); err != nil {
			return "", err
		}
		var hash string
		var err error
		if hash, refused, err = c.try(ctx, msg, timeout); err != nil {
			c.signer.forget()
			return "", err
		}
		if refused == nil {
			c.signer.sequence++
			return hash, nil
		}
		if !c.signer.correct(refused) {
			return "", refused
		}
	}
	return "", refused
}

// try signs once, with gas from a simulation, and broadcasts.
func (c *Client) try(ctx context.Context, msg sdk.Msg, timeout uint64) (string, *Refusal, error) {
	gas, refused, err := c.simulate(ctx, msg)
	if err != nil || refused != nil {
		return "", refused, err
	}
	raw, err := c.sign(ctx, msg, gas, timeout)
	if err != nil {
		return "", nil, err
	}
	res, err := c.tx.BroadcastTx(ctx, &txtypes.BroadcastTxRequest{TxBytes: raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC})
	if err != nil {
		return "", nil, unreachable("broadcast", err)
	}
	if r := res.TxResponse; r.Code != 0 {
		return "", refusal(r.Codespace, r.Code, r.RawLog, ""), nil
	}
	return res.TxResponse.TxHash, nil, nil
}

// simulate runs the message on the endpoint's last state: what it would refuse
// costs nothing. The answer is the gas to pay for.
func (c *Client) simulate(ctx context.Context, msg sdk.Msg) (uint64, *Refusal, error) {
	raw, err := c.sign(ctx, msg, 0, 0)
	if err != nil {
		return 0, nil, err
	}
	res, err := c.rpc.ABCIQuery(ctx, "/app/simulate", raw)
	if err != nil {
		return 0, nil, unreachable("simulate", err)
	}
	if r := res.Response; r.Code != 0 {
		return 0, refusal(r.Codespace, r.Code, r.Log, ""), nil
	}
	var answer struct {
		GasInfo struct {
			GasUsed string `json:"gas_used"`
		} `json:"gas_info"`
	}
	if err := json.Unmarshal(res.Response.Value, &answer); err != nil {
		return 0, nil, fmt.Errorf("answer to simulate: %w: %v", pdx.ErrCorrupt, err)
	}
	used, err := strconv.ParseUint(answer.GasInfo.GasUsed, 10, 32)
	if err != nil {
		return 0, nil, fmt.Errorf("gas in the answer to simulate: %w: %v", pdx.ErrCorrupt, err)
	}
	return used * (100 + gasHeadroomPercent) / 100, nil, nil
}

// sign makes the bytes of a transaction with one message; gas 0 is for simulation.
func (c *Client) sign(ctx context.Context, msg sdk.Msg, gas, timeout uint64) ([]byte, error) {
	fee, err := pdx.Amount(c.cfg.GasPrice).Times(gas)
	if err != nil {
		return nil, err
	}
	if fee > c.cfg.MaxFee {
		return nil, fmt.Errorf("%w: the fee of %v is above this node's limit of %v for one transaction", pdx.ErrRefused, fee, c.cfg.MaxFee)
	}
	builder := c.txs.NewTxBuilder()
	if err := builder.SetMsgs(msg); err != nil {
		return nil, fmt.Errorf("message: %w: %v", pdx.ErrInvalid, err)
	}
	builder.SetGasLimit(gas)
	builder.SetTimeoutHeight(timeout)
	builder.SetFeeAmount(coins(fee))
	factory := tx.Factory{}.
		WithTxConfig(c.txs).WithKeybase(c.cfg.Keyring).WithChainID(c.cfg.ChainID).
		WithAccountNumber(c.signer.number).WithSequence(c.signer.sequence).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT)
	if err := tx.Sign(ctx, factory, c.cfg.KeyName, builder, true); err != nil {
		return nil, fmt.Errorf("sign with key %q: %w", c.cfg.KeyName, err)
	}
	return c.encode(builder)
}

func (c *Client) encode(builder client.TxBuilder) ([]byte, error) {
	return c.txs.TxEncoder()(builder.GetTx())
}

// await polls until the transaction is in a block, or cannot be any more.
func (c *Client) await(ctx context.Context, hash string, timeout uint64) (*sdk.TxResponse, error) {
	tick := time.NewTicker(c.cfg.Poll)
	defer tick.Stop()
	for {
		head, headErr := c.Head(ctx) // before the look-up, so that a late inclusion is not missed
		res, err := c.tx.GetTx(ctx, &txtypes.GetTxRequest{Hash: hash})
		switch {
		case err == nil && res.TxResponse.Code != 0:
			r := res.TxResponse
			return nil, refusal(r.Codespace, r.Code, r.RawLog, hash)
		case err == nil:
			return res.TxResponse, nil
		case status.Code(err) == codes.NotFound && headErr == nil && uint64(head.Height) > timeout:
			c.resetSequence()
			return nil, fmt.Errorf("%w: transaction %s was in no block up to height %d", pdx.ErrUnavailable, hash, timeout)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("await transaction %s: %w: %w", hash, pdx.ErrUnavailable, ctx.Err())
		case <-tick.C:
		}
	}
}

func coins(a pdx.Amount) sdk.Coins {
	return sdk.NewCoins(coin(a))
}

func coin(a pdx.Amount) sdk.Coin {
	return sdk.NewCoin(pdx.Denom, math.NewIntFromUint64(uint64(a)))
}
