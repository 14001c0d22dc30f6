package discovery

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx"
)

// A Mode says whether a node serves the DHT, that is, stores and finds records for
// others. Every node queries the DHT, whatever its mode.
type Mode string

const (
	// ModeAuto serves while the host reports that it is publicly reachable, or while
	// [Discovery.Oblige] requires it. It is the default.
	ModeAuto Mode = "auto"
	// ModeServer always serves.
	ModeServer Mode = "server"
	// ModeClient never serves.
	ModeClient Mode = "client"
)

// ParseMode parses a mode; the empty string is ModeAuto. It returns ErrInvalid for
// anything else.
func ParseMode(text string) (Mode, error) {
	switch m := Mode(text); m {
	case "":
		return ModeAuto, nil
	case ModeAuto, ModeServer, ModeClient:
		return m, nil
	}
	return "", fmt.Errorf("%w: mode %q: use auto, server or client", pdx.ErrInvalid, text)
}

// A DHTState says whether a node serves the DHT, that is, stores and finds records for
// others, and why.
type DHTState struct {
	Serves bool // whether the node serves the DHT now
	Mode   Mode
	// Obliged is the argument of the last call of Oblige.
	Obliged bool
	// Reachability is the host's last report, and unknown before the first.
	Reachability network.Reachability
}

// decide sets Serves from the rest.
func (s *DHTState) decide() {
	switch s.Mode {
	case ModeServer:
		s.Serves = true
	case ModeClient:
		s.Serves = false
	default:
		s.Serves = s.Obliged || s.Reachability == network.ReachabilityPublic
	}
}

// DHTState returns whether this node serves the DHT, and why.
func (d *Discovery) DHTState() DHTState {
	d.servingMu.Lock()
	defer d.servingMu.Unlock()
	return d.serving
}

// Oblige says whether others depend on the node, as on a registered validator. If
// obliged is true, it serves the DHT in ModeAuto even if it is not known to be reachable;
// false ends that. Oblige may be called before Start.
func (d *Discovery) Oblige(obliged bool) {
	d.serve(func(s *DHTState) { s.Obliged = obliged })
}

// serve changes what serving follows from, and then the DHT's handlers.
func (d *Discovery) serve(change func(*DHTState)) {
	d.servingMu.Lock()
	defer d.servingMu.Unlock()
	change(&d.serving)
	d.serving.decide()
	d.handlers.serve(d.serving.Serves)
}

// followReachability takes over the host's reports until ctx ends. The last one
// before the call is among them.
func (d *Discovery) followReachability(ctx context.Context) error {
	reports, err := d.host.EventBus().Subscribe(new(event.EvtLocalReachabilityChanged))
	if err != nil {
		return fmt.Errorf("subscribe to the host's reachability: %w", err)
	}
	d.wg.Go(func() {
		defer reports.Close()
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-reports.Out():
				if report, ok := e.(event.EvtLocalReachabilityChanged); ok {
					d.serve(func(s *DHTState) { s.Reachability = report.Reachability })
				}
			}
		}
	})
	return nil
}
