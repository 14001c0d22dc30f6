package discovery

import (
	"sync"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// dhtHandlers keeps the DHT's stream handlers and installs them only while the
// node serves. The DHT itself runs as a server for as long as it lives: kad-dht
// can change its mode by itself, but only on the host's report of reachability,
// which does not know of a validator's duty.
type dhtHandlers struct {
	host.Host
	mu     sync.Mutex
	serves bool
	byID   map[protocol.ID]network.StreamHandler
}

func newDHTHandlers(h host.Host) *dhtHandlers {
	return &dhtHandlers{Host: h, byID: make(map[protocol.ID]network.StreamHandler)}
}

// SetStreamHandler remembers a handler of the DHT, and installs it while the
// node serves.
func (h *dhtHandlers) SetStreamHandler(id protocol.ID, handler network.StreamHandler) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.byID[id] = handler
	if h.serves {
		h.Host.SetStreamHandler(id, handler)
	}
}

// RemoveStreamHandler forgets a handler of the DHT.
func (h *dhtHandlers) RemoveStreamHandler(id protocol.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.byID, id)
	h.Host.RemoveStreamHandler(id)
}

// serve installs the handlers, or removes them and resets the streams that they
// serve. Identify tells connected peers, which then change their routing tables.
func (h *dhtHandlers) serve(serves bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.serves == serves {
		return
	}
	h.serves = serves
	for id, handler := range h.byID {
		if serves {
			h.Host.SetStreamHandler(id, handler)
		} else {
			h.Host.RemoveStreamHandler(id)
		}
	}
	if !serves {
		h.resetInbound()
	}
}

func (h *dhtHandlers) resetInbound() {
	for _, conn := range h.Network().Conns() {
		for _, s := range conn.GetStreams() {
			if h.byID[s.Protocol()] != nil && s.Stat().Direction == network.DirInbound {
				_ = s.Reset() // it may have ended meanwhile
			}
		}
	}
}
