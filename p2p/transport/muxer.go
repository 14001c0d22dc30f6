package transport

import "github.com/libp2p/go-libp2p/p2p/muxer/yamux"

// streamWindow is what a peer may send on a stream before it is read, in bytes. A
// pull has four streams for each connection: 8 MiB, twice what a Linux sender
// keeps under way in TCP. libp2p's own 16 MiB a stream would let a fast peer lay
// more into a puller's memory, for a slow disk, than the path can ever use.
const streamWindow = 2 << 20

// muxer is yamux with windows of at most streamWindow.
func muxer() *yamux.Transport {
	config := *yamux.DefaultTransport
	config.MaxStreamWindowSize = streamWindow
	return &config
}
