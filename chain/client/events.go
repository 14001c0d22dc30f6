package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Block is one height of the chain and the module's events in it, in order.
type Block struct {
	Head   pdx.Head
	Events []pdx.Event
}

// Follow calls handle for every block from the given height on, each once and
// in order, and waits for new ones. It outlives disconnects: a failure to reach
// the chain is told to lost, if that is not nil, and tried again. It returns
// when ctx ends, when handle fails, or with ErrPruned when the endpoint no
// longer has a block; the caller then reads the state afresh and goes on from
// the head.
func (c *Client) Follow(ctx context.Context, from int64, handle func(Block) error, lost func(error)) error {
	tick := time.NewTicker(c.cfg.Poll)
	defer tick.Stop()
	for next := max(from, 1); ; {
		var err error
		next, err = c.catchUp(ctx, next, handle)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, pdx.ErrUnavailable):
			if lost != nil {
				lost(err)
			}
		case err != nil:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// catchUp handles the blocks from next to the head and returns what follows.
func (c *Client) catchUp(ctx context.Context, next int64, handle func(Block) error) (int64, error) {
	status, err := c.rpc.Status(ctx)
	if err != nil {
		return next, unreachable("chain status", err)
	}
	if earliest := status.SyncInfo.EarliestBlockHeight; next < earliest {
		return next, fmt.Errorf("height %d: %w: %s begins at %d", next, ErrPruned, c.cfg.RPC, earliest)
	}
	for ; next <= status.SyncInfo.LatestBlockHeight; next++ {
		block, err := c.block(ctx, next)
		if err != nil {
			return next, err
		}
		if err := handle(block); err != nil {
			return next, fmt.Errorf("handle block %d: %w", next, err)
		}
	}
	return next, nil
}

func (c *Client) block(ctx context.Context, height int64) (Block, error) {
	header, err := c.rpc.Header(ctx, &height)
	if err != nil {
		return Block{}, unreachable(fmt.Sprintf("header of block %d", height), err)
	}
	results, err := c.rpc.BlockResults(ctx, &height)
	if err != nil {
		return Block{}, unreachable(fmt.Sprintf("results of block %d", height), err)
	}
	if header.Header == nil {
		return Block{}, unreachable(fmt.Sprintf("header of block %d", height), errors.New("not there yet"))
	}
	block := Block{Head: pdx.Head{ChainID: header.Header.ChainID, Height: height, Time: header.Header.Time}}
	for _, tx := range results.TxsResults {
		block.add(tx.Events)
	}
	block.add(results.FinalizeBlockEvents)
	return block, nil
}

// add appends the module's events; what is not the module's is passed over.
func (b *Block) add(events []abci.Event) {
	for _, raw := range events {
		event, ok := toEvent(raw)
		if !ok {
			continue
		}
		event.Height, event.Index = b.Head.Height, len(b.Events)
		b.Events = append(b.Events, event)
	}
}

func toEvent(raw abci.Event) (pdx.Event, bool) {
	msg, err := sdk.ParseTypedEvent(raw)
	if err != nil {
		return pdx.Event{}, false
	}
	switch e := msg.(type) {
	case *types.EventPoolCreated:
		return pdx.Event{Kind: "EventPoolCreated", Pool: pdx.PoolID(e.PoolId), State: string(pdx.PoolOpen)}, true
	case *types.EventPoolStatus:
		return pdx.Event{Kind: "EventPoolStatus", Pool: pdx.PoolID(e.PoolId), State: string(toPoolStatus(e.Status))}, true
	case *types.EventDealState:
		return pdx.Event{Kind: "EventDealState", Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId), State: string(toDealState(e.State))}, true
	case *types.EventCertificate:
		return pdx.Event{Kind: "EventCertificate", Pool: pdx.PoolID(e.PoolId), Deal: pdx.DealID(e.DealId)}, true
	case *types.EventCredited:
		return pdx.Event{Kind: "EventCredited", Deal: pdx.DealID(e.DealId)}, true
	case *types.EventWithdrawn:
		return pdx.Event{Kind: "EventWithdrawn"}, true
	case *types.EventValidatorRegistered:
		return pdx.Event{Kind: "EventValidatorRegistered"}, true
	case *types.EventValidatorUpdated:
		return pdx.Event{Kind: "EventValidatorUpdated"}, true
	}
	return pdx.Event{}, false
}
