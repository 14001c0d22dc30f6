package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/gogoproto/proto"

	"github.com/medibloc/pdx"
)

// A wallet is the Backend that signs.
type wallet struct {
	*endpoints
	cfg     Config
	account pdx.Address

	asked  atomic.Uint64 // gas price of the chain, as last read; 0 before
	others others

	signing  chan struct{} // guards the next four, from signing until CheckTx has answered
	signer   signer
	head     pdx.Head  // the last one queried
	headRead time.Time // when it was queried

	priceRead time.Time // when the gas price was queried
	sent      *unconfirmed
}

// Send brings one message into a block and decodes its handler's answer.
// pdx.ErrUnavailable means that the transaction is in no block and will be in
// none, unless ctx ended.
func (w *wallet) Send(ctx context.Context, msg sdk.Msg, answer proto.Message) error {
	sent, err := w.submit(ctx, msg)
	if err != nil {
		return err
	}
	defer w.sent.remove(sent)
	result, err := w.await(ctx, sent)
	if err != nil {
		return err
	}
	if result.IsErr() {
		return NewRefusal(result.Codespace, result.Code, result.Log, sent.hash())
	}
	return decodeAnswer(result.Data, answer)
}

// decodeAnswer reads the only handler's answer from that of a transaction.
func decodeAnswer(raw []byte, answer proto.Message) error {
	data := &sdk.TxMsgData{}
	if err := proto.Unmarshal(raw, data); err != nil || len(data.MsgResponses) != 1 || data.MsgResponses[0] == nil {
		return fmt.Errorf("answer of the transaction: %w: not one message's", pdx.ErrCorrupt)
	}
	if err := proto.Unmarshal(data.MsgResponses[0].Value, answer); err != nil {
		return fmt.Errorf("answer of the transaction: %w: %v", pdx.ErrCorrupt, err)
	}
	return nil
}

// submit signs and broadcasts, one transaction at a time, and again if the chain expects
// another sequence or a higher fee.
func (w *wallet) submit(ctx context.Context, msg sdk.Msg) (signed, error) {
	select {
	case w.signing <- struct{}{}:
		defer func() { <-w.signing }()
	case <-ctx.Done():
		return signed{}, fmt.Errorf("wait for earlier transactions of this account: %w: %w", pdx.ErrUnavailable, ctx.Err())
	}
	var refused *Refusal
	var fee *feeError
	for range sequenceTries {
		sent, err := w.try(ctx, msg)
		if errors.As(err, &fee) && w.raisePrice(fee, sent.via) {
			refused = fee.Refusal
			continue
		}
		if !errors.As(err, &refused) {
			return sent, err
		}
		if !w.correct(refused) {
			return signed{}, refused
		}
	}
	return signed{}, refused
}

// try signs once and broadcasts.
func (w *wallet) try(ctx context.Context, msg sdk.Msg) (signed, error) {
	head, err := w.recentHead(ctx)
	if err != nil {
		return signed{}, err
	}
	if err := w.signer.load(ctx, w); err != nil {
		return signed{}, err
	}
	gas, err := w.simulate(ctx, msg)
	if err != nil {
		return signed{}, err
	}
	price, err := w.gasPrice(ctx)
	if err != nil {
		return signed{}, err
	}
	fee, err := w.fee(gas, price)
	if err != nil {
		return signed{}, err
	}
	s := signed{since: head.Height, timeout: head.Height + timeoutBlocks}
	if s.raw, err = w.sign(ctx, msg, gas, fee, w.signer.sequence, s.timeout); err != nil {
		return signed{}, err
	}
	w.sent.add(s)
	if s.via, err = w.broadcast(ctx, s); err != nil {
		w.sent.remove(s)
	}
	return s, tooLow(err, gas, price)
}

// recentHead queries the head once per poll, however many transactions are signed: a slightly
// old one does not delay a transaction.
func (w *wallet) recentHead(ctx context.Context) (pdx.Head, error) {
	if !w.headRead.IsZero() && time.Since(w.headRead) < w.poll {
		return w.head, nil
	}
	head, err := w.Head(ctx)
	if err == nil {
		w.head, w.headRead = head, time.Now()
	}
	return head, err
}

// broadcast returns nil if the transaction may get into a block, and the endpoint that
// received it. After a lost answer it may too; the sequence must be queried then, and the
// transaction is also sent to the next endpoint, whose refusal means nothing, because it may
// know the transaction already.
func (w *wallet) broadcast(ctx context.Context, s signed) (via *endpoint, err error) {
	req := &txtypes.BroadcastTxRequest{TxBytes: s.raw, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC}
	lost := false
	for _, e := range w.living() {
		res, err := txtypes.NewServiceClient(e).BroadcastTx(ctx, req)
		switch {
		case err != nil:
			lost = true
			w.leave(e, unreachable("broadcast", err))
			continue
		case res.TxResponse == nil:
			lost = true
			continue
		case lost: // by the one before
		case res.TxResponse.Code != 0:
			r := res.TxResponse
			return e, NewRefusal(r.Codespace, r.Code, r.RawLog, "")
		default:
			w.signer.sequence++
			return e, nil
		}
		via = e
		break
	}
	w.signer.forget()
	return via, nil
}

// fee returns what gas costs, within this node's limit.
func (w *wallet) fee(gas, price uint64) (pdx.Amount, error) {
	fee, err := pdx.Amount(price).Times(gas)
	if err != nil {
		return 0, err
	}
	if fee > w.cfg.MaxFee {
		return 0, fmt.Errorf("%w: the fee of %v is above this node's limit of %v for one transaction: raise chain.max_fee",
			pdx.ErrRefused, fee, w.cfg.MaxFee)
	}
	return fee, nil
}
