//go:build linux

package soak

import (
	"fmt"
	"math/rand/v2"
	"net/netip"

	"github.com/medibloc/pdx/integration/netlab"
)

// hangEndpoint has a node's endpoints of the chain accept connections and never answer.
func hangEndpoint(w *world, victim string, _ *rand.Rand) (func() error, error) {
	each := func(do func(*netlab.Relay)) {
		for _, r := range w.relays[victim] {
			do(r)
		}
	}
	each((*netlab.Relay).Hang)
	return func() error {
		each((*netlab.Relay).Resume)
		return nil
	}, nil
}

// changeAddress gives a node another address for good.
func changeAddress(w *world, victim string, _ *rand.Rand) (func() error, error) {
	w.mu.Lock()
	w.moves++
	at := netip.AddrFrom4([4]byte{46, byte(w.moves >> 8), byte(w.moves), 1})
	w.mu.Unlock()
	return func() error { return nil }, w.internet.Play(fmt.Sprintf("%s moves to %s", victim, at))
}
