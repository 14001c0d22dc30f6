package host

import (
	"fmt"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/multiformats/go-multiaddr"
)

// A reportingHost reports the reachability that AutoNAT v2 measures in the event to
// which the DHT, AutoRelay and relays subscribe. libp2p itself emits that event only
// from AutoNAT v1, which is off: v1 does not verify its servers' answers, and two
// sources would contradict each other.
type reportingHost struct {
	host.Host
	ids      identify.IDService
	found    atomic.Pointer[event.EvtHostReachableAddrsChanged] // the last findings; nil before the first
	findings event.Subscription
	reports  event.Emitter
	done     chan struct{}
}

// reportReachability starts the reports of h, whose identify service is ids, which end when the result is closed.
// The first one, "unknown", has been emitted when it returns.
func reportReachability(h host.Host, ids identify.IDService) (*reportingHost, error) {
	reports, err := h.EventBus().Emitter(new(event.EvtLocalReachabilityChanged), eventbus.Stateful)
	if err != nil {
		return nil, fmt.Errorf("report reachability: %w", err)
	}
	findings, err := h.EventBus().Subscribe(new(event.EvtHostReachableAddrsChanged), eventbus.Name("pdx reachability"))
	if err != nil {
		reports.Close()
		return nil, fmt.Errorf("subscribe to AutoNAT's findings: %w", err)
	}
	r := &reportingHost{Host: h, ids: ids, findings: findings, reports: reports, done: make(chan struct{})}
	r.emit(network.ReachabilityUnknown)
	go r.report()
	return r, nil
}

func (r *reportingHost) report() {
	defer close(r.done)
	last := network.ReachabilityUnknown
	for e := range r.findings.Out() {
		found, ok := e.(event.EvtHostReachableAddrsChanged)
		if ok {
			r.found.Store(&found)
		}
		if now := reachabilityOf(found); ok && now != last {
			last = now
			r.emit(now)
		}
	}
}

func (r *reportingHost) emit(now network.Reachability) {
	_ = r.reports.Emit(event.EvtLocalReachabilityChanged{Reachability: now}) // fails only after Close
}

// reachabilityOf combines the findings about all addresses: public if one address is
// reachable, otherwise private if one is unreachable.
func reachabilityOf(found event.EvtHostReachableAddrsChanged) network.Reachability {
	switch {
	case len(found.Reachable) > 0:
		return network.ReachabilityPublic
	case len(found.Unreachable) > 0:
		return network.ReachabilityPrivate
	}
	return network.ReachabilityUnknown
}

// Confirmed returns the addresses of a host at which AutoNAT v2 has seen it dialled back; none
// for a host of a local network.
func Confirmed(h host.Host) []multiaddr.Multiaddr {
	r, ok := h.(*reportingHost)
	if !ok {
		return nil
	}
	if found := r.found.Load(); found != nil {
		return found.Reachable
	}
	return nil
}

// IDService returns the host's identify service, which AutoRelay needs.
func (r *reportingHost) IDService() identify.IDService { return r.ids }

// Close stops the reports, then closes the host.
func (r *reportingHost) Close() error {
	r.findings.Close()
	<-r.done
	r.reports.Close()
	return r.Host.Close()
}
