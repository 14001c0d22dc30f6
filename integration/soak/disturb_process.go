//go:build linux

package soak

import (
	"math/rand/v2"
	"syscall"
)

// kill ends a node as a power cut would; the end starts it again.
func kill(w *world, victim string, _ *rand.Rand) (func() error, error) {
	n := w.member(victim)
	n.Kill()
	return func() error { return n.Start(w.t.Context()) }, nil
}

// pause stops a node's process, as a laptop that is closed.
func pause(w *world, victim string, _ *rand.Rand) (func() error, error) {
	n := w.member(victim)
	return func() error { return n.Signal(syscall.SIGCONT) }, n.Signal(syscall.SIGSTOP)
}

// chainAway kills the chain; the end starts it where it was.
func chainAway(w *world, _ string, _ *rand.Rand) (func() error, error) {
	w.market.Fleet.KillChain()
	return func() error { return w.market.Fleet.RestartChain(w.t.Context(), w.chainFlags...) }, nil
}
