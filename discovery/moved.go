package discovery

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	ma "github.com/multiformats/go-multiaddr"
)

// Resume has everything announced again and, if few peers are known, seeds dialled: the machine
// slept, for how long nobody knows, and renewals were missed. It never blocks.
func (d *Discovery) Resume() {
	d.Wake()
	d.again.Set()
}

// followAddresses announces everything again when the addresses by which others reach this
// node have changed and stayed the same for a moment, until ctx ends. A record has the
// addresses of the time at which it was announced, so that otherwise nobody would find a
// node by the address of a new relay before the next renewal.
func (d *Discovery) followAddresses(ctx context.Context) error {
	changes, err := d.host.EventBus().Subscribe(new(event.EvtLocalAddressesUpdated), eventbus.Name("pdx announcements"))
	if err != nil {
		return fmt.Errorf("subscribe to the host's addresses: %w", err)
	}
	d.wg.Go(func() {
		defer changes.Close()
		var last []ma.Multiaddr
		var lastTime time.Time
		settle := time.NewTimer(0)
		defer settle.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-d.again:
				last = nil
				settle.Reset(addressesSettle)
			case <-changes.Out():
				settle.Reset(max(addressesSettle, time.Until(lastTime.Add(addressesRest))))
			case <-settle.C:
				now := d.policy.keep(d.host.Addrs())
				slices.SortFunc(now, ma.Multiaddr.Compare)
				if slices.EqualFunc(last, now, ma.Multiaddr.Equal) || len(now) == 0 {
					continue
				}
				last, lastTime = now, time.Now()
				if err := d.announceAgain(ctx); err != nil && ctx.Err() == nil {
					d.opt.Log.WarnContext(ctx, "announcements have former addresses until they are renewed", slog.Any("error", err))
				}
			}
		}
	})
	return nil
}
