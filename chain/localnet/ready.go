package localnet

import (
	"context"
	"errors"
	"fmt"

	cmttypes "github.com/cometbft/cometbft/types"
)

const subscriber = "localnet"

// start runs the node until its first block is committed.
func (n *node) start(ctx context.Context, ended <-chan struct{}) (err error) {
	bus := n.comet.EventBus()
	blocks, err := bus.Subscribe(ctx, subscriber, cmttypes.EventQueryNewBlock)
	if err != nil {
		return fmt.Errorf("watch blocks: %w", err)
	}
	defer func() {
		if bus.IsRunning() {
			err = errors.Join(err, bus.UnsubscribeAll(context.WithoutCancel(ctx), subscriber))
		}
	}()
	if err := n.comet.Start(); err != nil {
		return fmt.Errorf("start chain: %w", err)
	}
	select {
	case <-blocks.Out():
		return nil
	case <-ended:
		return errors.New("the chain stopped before its first block")
	case <-ctx.Done():
		return fmt.Errorf("wait for the first block: %w", ctx.Err())
	}
}
