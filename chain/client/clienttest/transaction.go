package clienttest

import (
	"context"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/gogoproto/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// transaction is one message; answer and err are there once done is closed.
type transaction struct {
	msg    sdk.Msg
	answer proto.Message
	err    error
	done   chan struct{}
}

func (tx *transaction) run(chain *datapooltest.Chain) {
	tx.answer, tx.err = chain.Exec(tx.msg)
	close(tx.done)
}

// Send refuses what a simulation refuses, and brings the rest into a block.
func (b backend) Send(ctx context.Context, msg sdk.Msg, answer proto.Message) error {
	tx, err := b.submit(ctx, msg)
	if err != nil {
		return err
	}
	select {
	case <-tx.done:
	case <-ctx.Done():
		return fmt.Errorf("await transaction: %w: %w", pdx.ErrUnavailable, ctx.Err())
	}
	if tx.err != nil {
		return refusal(tx.err)
	}
	raw, err := proto.Marshal(tx.answer)
	if err != nil {
		return err
	}
	return proto.Unmarshal(raw, answer)
}

func (b backend) submit(ctx context.Context, msg sdk.Msg) (*transaction, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	defer b.mu.Unlock()
	if err := b.simulate(msg); err != nil {
		return nil, err
	}
	tx := &transaction{msg: msg, done: make(chan struct{})}
	b.waiting = append(b.waiting, tx)
	if !b.held {
		b.nextBlock(BlockTime)
	}
	return tx, nil
}

// simulate runs the message on the last state. A fee would have to be paid there,
// so an account must have something.
func (b backend) simulate(msg sdk.Msg) error {
	if !b.known[b.account] {
		return client.Unfunded(b.account, b.head().ChainID)
	}
	if b.chain.Spendable(b.account) == 0 {
		return refusal(sdkerrors.ErrInsufficientFunds.Wrap("the account cannot pay a fee"))
	}
	err := b.chain.Read(func(ctx sdk.Context, _ types.QueryServer) error {
		_, err := b.msgs.Handler(msg)(ctx, msg)
		return err
	})
	if err != nil {
		return refusal(err)
	}
	return nil
}

// refusal returns an error of the keeper as the client returns it.
func refusal(err error) error {
	codespace, code, log := errorsmod.ABCIInfo(err, false)
	return client.NewRefusal(codespace, code, log, "")
}
