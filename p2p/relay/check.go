package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/transport"
)

// follow takes over changes of the relays and checks those that are due, until ctx ends. It
// receives at all times, because the host waits for a subscriber whose queue is full.
func (c *Client) follow(ctx context.Context, changes <-chan any) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-changes:
			if !ok {
				return
			}
			if update, ok := e.(event.EvtAutoRelayAddrsUpdated); ok {
				c.set(update.RelayAddrs, time.Now())
			}
		case <-tick.C:
			for _, r := range c.due(time.Now()) {
				c.done.Go(func() { c.check(ctx, r) })
			}
		}
	}
}

// due returns the relays to be checked now, and plans their next check.
func (c *Client) due(now time.Time) (list []Relay) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, r := range c.relays {
		if now.After(r.due) {
			r.due = now.Add(checkEvery)
			list = append(list, Relay{ID: id, Addrs: r.addrs})
		}
	}
	return list
}

// check reaches this node through a relay as a stranger does. A relay that fails twice in a
// row is left out for an hour; it is disconnected, upon which AutoRelay replaces it.
func (c *Client) check(ctx context.Context, r Relay) {
	trip, err := c.probe(ctx, r.Addrs)
	if ctx.Err() != nil || !c.note(r.ID, trip, err) {
		return
	}
	c.cfg.Log.Warn("relay replaced: this node cannot be reached through it", "peer_id", r.ID, "error", err)
	for _, conn := range c.cfg.Host.Network().ConnsToPeer(r.ID) {
		_ = conn.Close()
	}
}

// note keeps the result of a check, and reports whether the relay is to be replaced.
func (c *Client) note(id peer.ID, trip time.Duration, err error) (replace bool) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.relays[id]
	switch {
	case r == nil:
		return false
	case err == nil:
		r.checked, r.trip, r.failures = true, trip, 0
		return false
	}
	c.cfg.Log.Info("this node was not reached through its relay", "peer_id", id, "error", err)
	if r.failures++; r.failures < maxFailures {
		r.due = now.Add(c.first)
		return false
	}
	for other, until := range c.avoided {
		if now.After(until) || len(c.avoided) >= maxAvoided {
			delete(c.avoided, other)
		}
	}
	c.avoided[id] = now.Add(avoidTime)
	return true
}

// probe connects to this node by some of its addresses as a stranger does.
func (c *Client) probe(ctx context.Context, addrs []multiaddr.Multiaddr) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	trip, err := Probe(ctx, peer.AddrInfo{ID: c.cfg.Host.ID(), Addrs: addrs}, c.cfg.PSK)
	if err == nil && trip > c.slow {
		err = fmt.Errorf("%w: a round trip took %s", pdx.ErrUnavailable, trip.Round(time.Millisecond))
	}
	return trip, err
}

// Probe connects to a peer by just these addresses, from a host of its own with a fresh
// identity, and returns the round-trip time. psk is the key of a private network, or nil.
func Probe(ctx context.Context, to peer.AddrInfo, psk pnet.PSK) (time.Duration, error) {
	options := append(transport.Options(psk == nil), libp2p.NoListenAddrs, libp2p.EnableRelay(), libp2p.DisableMetrics())
	if psk != nil {
		options = append(options, libp2p.PrivateNetwork(psk))
	}
	stranger, err := libp2p.New(options...)
	if err != nil {
		return 0, fmt.Errorf("make a host: %w", err)
	}
	defer stranger.Close()
	if err := stranger.Connect(ctx, to); err != nil {
		return 0, fmt.Errorf("connect: %w", err)
	}
	r, ok := <-ping.Ping(ctx, stranger, to.ID)
	if !ok {
		return 0, fmt.Errorf("ping: %w", ctx.Err())
	}
	if r.Error != nil {
		return 0, fmt.Errorf("ping: %w", r.Error)
	}
	return r.RTT, nil
}
