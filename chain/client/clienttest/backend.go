package clienttest

import (
	"context"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/cosmos-sdk/codec/address"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// backend is a World to one of its accounts.
type backend struct {
	*World
	account pdx.Address
}

var _ client.Backend = backend{}

// enter locks the world if it can be reached.
func (b backend) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("chain %w: %w", pdx.ErrUnavailable, err)
	}
	b.mu.Lock()
	if b.offline {
		b.mu.Unlock()
		return fmt.Errorf("chain %w: it is disconnected", pdx.ErrUnavailable)
	}
	return nil
}

// Head returns the last block.
func (b backend) Head(ctx context.Context) (pdx.Head, error) {
	if err := b.enter(ctx); err != nil {
		return pdx.Head{}, err
	}
	defer b.mu.Unlock()
	return b.head(), nil
}

// Span returns all blocks.
func (b backend) Span(ctx context.Context) (first, last int64, err error) {
	head, err := b.Head(ctx)
	return 1, head.Height, err
}

// Block returns one of them.
func (b backend) Block(ctx context.Context, height int64) (client.Block, error) {
	if err := b.enter(ctx); err != nil {
		return client.Block{}, err
	}
	defer b.mu.Unlock()
	blocks := b.chain.Blocks(height)
	if len(blocks) == 0 || blocks[0].Height != height {
		return client.Block{}, fmt.Errorf("block %d: %w", height, pdx.ErrNotFound)
	}
	head := pdx.Head{ChainID: b.chain.Head().ChainID, Height: height, Time: blocks[0].Time}
	return client.NewBlock(head, blocks[0].Events), nil
}

// Wait returns once there is a block of that height, or the world was disconnected
// meanwhile, or just before: each account hears of it once. While it is, there is
// nothing to come.
func (b backend) Wait(ctx context.Context, height int64) error {
	for wasOnline := false; ; {
		b.mu.Lock()
		online, changed := !b.offline, b.changed
		ready := online && b.head().Height >= height || !online && (wasOnline || b.told[b.account] < b.cuts)
		if ready && !online {
			b.told[b.account] = b.cuts
		}
		b.mu.Unlock()
		if ready {
			return nil
		}
		wasOnline = online
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// Invoke answers the queries of the module and the one of x/bank that a Ledger has.
func (b backend) Invoke(ctx context.Context, method string, args, reply any, _ ...grpc.CallOption) error {
	if err := b.enter(ctx); err != nil {
		return status.Error(codes.Unavailable, err.Error())
	}
	defer b.mu.Unlock()
	if req, ok := args.(*banktypes.QuerySpendableBalanceByDenomRequest); ok {
		return b.spendable(req, reply.(*banktypes.QuerySpendableBalanceByDenomResponse))
	}
	handler := b.queries.Route(method)
	if handler == nil {
		return status.Errorf(codes.Unimplemented, "no such query: %s", method)
	}
	raw, err := proto.Marshal(args.(proto.Message))
	if err != nil {
		return err
	}
	return b.chain.Read(func(sdkCtx sdk.Context, _ types.QueryServer) error {
		answer, err := handler(sdkCtx, &abci.RequestQuery{Data: raw, Path: method})
		if err != nil {
			return err
		}
		return proto.Unmarshal(answer.Value, reply.(proto.Message))
	})
}

func (b backend) spendable(req *banktypes.QuerySpendableBalanceByDenomRequest, res *banktypes.QuerySpendableBalanceByDenomResponse) error {
	if _, err := address.NewBech32Codec(pdx.AddressPrefix).StringToBytes(req.Address); err != nil {
		return status.Errorf(codes.InvalidArgument, "invalid address: %v", err)
	}
	coin := datapooltest.Coin(b.chain.Spendable(pdx.Address(req.Address)))
	res.Balance = &coin
	return nil
}

// NewStream is refused: no query streams.
func (b backend) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("clienttest: the ledger has no streams")
}
