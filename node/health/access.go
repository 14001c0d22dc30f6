package health

import (
	"fmt"
	"slices"

	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
)

// Access says what the lists of allowed and denied peers, of these lengths, have done.
func Access(allowed, denied int, refused uint64) []api.Health {
	if allowed+denied == 0 {
		return nil
	}
	text := fmt.Sprintf("p2p.deny has %s", message.Count(denied, "entry"))
	if allowed > 0 {
		text = fmt.Sprintf("p2p.allow has %s and %s", message.Count(allowed, "entry"), text)
	}
	return []api.Health{{Part: "access", OK: true, Message: fmt.Sprintf("%s; refused %d times since the start", text, refused)}}
}

// Peering says how many of the peers of p2p.peering are connected.
func Peering(connected, all int) []api.Health {
	if all == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of %s of p2p.peering connected", connected, message.Count(all, "peer"))
	h := api.Health{Part: "peering", OK: connected == all, Message: text}
	if !h.OK {
		h.Message += "; the others are dialled every 10 seconds"
	}
	return []api.Health{h}
}

// WebSocket names the addresses of a node that listens for WebSockets.
func WebSocket(listen []multiaddr.Multiaddr) []api.Health {
	listen = slices.DeleteFunc(slices.Clone(listen), func(a multiaddr.Multiaddr) bool {
		_, err := a.ValueForProtocol(multiaddr.P_WS)
		return err != nil
	})
	if len(listen) == 0 {
		return nil
	}
	return []api.Health{{Part: "websocket", OK: true, Message: "peers in a browser connect" + at(listen)}}
}
