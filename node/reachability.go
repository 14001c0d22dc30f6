package node

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
)

// reportingHost is a host that reports its reachability, as AutoNAT v2 finds it,
// in the event that DHT, AutoRelay and relays listen for. libp2p itself emits
// that event from AutoNAT v1 alone, which is switched off: a v1 server's word is
// not proven, and two sources would contradict each other.
type reportingHost struct {
	host.Host
	findings event.Subscription
	reports  event.Emitter
	done     chan struct{}
}

// reportReachability starts the reports of h, which end when it is closed. The
// first says that nothing is known; it is out when this returns.
func reportReachability(h host.Host) (*reportingHost, error) {
	reports, err := h.EventBus().Emitter(new(event.EvtLocalReachabilityChanged), eventbus.Stateful)
	if err != nil {
		return nil, fmt.Errorf("report reachability: %w", err)
	}
	findings, err := h.EventBus().Subscribe(new(event.EvtHostReachableAddrsChanged), eventbus.Name("pdx reachability"))
	if err != nil {
		reports.Close()
		return nil, fmt.Errorf("subscribe to findings of AutoNAT: %w", err)
	}
	r := &reportingHost{Host: h, findings: findings, reports: reports, done: make(chan struct{})}
	r.emit(network.ReachabilityUnknown)
	go r.report()
	return r, nil
}

func (r *reportingHost) report() {
	defer close(r.done)
	last := network.ReachabilityUnknown
	for e := range r.findings.Out() {
		found, ok := e.(event.EvtHostReachableAddrsChanged)
		if now := reachabilityOf(found); ok && now != last {
			last = now
			r.emit(now)
		}
	}
}

func (r *reportingHost) emit(now network.Reachability) {
	_ = r.reports.Emit(event.EvtLocalReachabilityChanged{Reachability: now}) // fails only after Close
}

// reachabilityOf makes one statement of what is known of each address: one
// reachable address is enough, and an unreachable one counts when none is.
func reachabilityOf(found event.EvtHostReachableAddrsChanged) network.Reachability {
	switch {
	case len(found.Reachable) > 0:
		return network.ReachabilityPublic
	case len(found.Unreachable) > 0:
		return network.ReachabilityPrivate
	}
	return network.ReachabilityUnknown
}

// Close ends the reports, then the host.
func (r *reportingHost) Close() error {
	r.findings.Close()
	<-r.done
	r.reports.Close()
	return r.Host.Close()
}
