package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx/node/transport"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rivals:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 4 && args[0] == "serve":
		return serve(ctx, args[1], args[2], args[3])
	case len(args) == 6 && args[0] == "pull":
		size, err := strconv.ParseUint(args[5], 10, 63)
		if err != nil {
			return fmt.Errorf("size: %w", err)
		}
		return pull(ctx, args[1], args[2], args[3], args[4], size)
	}
	return fmt.Errorf("usage: rivals serve ADDRESS FILE LIST | rivals pull ADDRESS PEER LIST FILE SIZE")
}

// serve serves a file until standard input ends.
func serve(ctx context.Context, address, file, list string) error {
	store, err := index(file)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.writeList(list); err != nil {
		return err
	}
	h, err := newHost(address)
	if err != nil {
		return err
	}
	defer h.Close()
	network := bsnet.NewFromIpfsHost(h)
	b := bitswap.New(ctx, network, nil, store)
	network.Start(b)
	defer b.Close()
	addrs, err := peer.AddrInfoToP2pAddrs(&peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()})
	if err != nil {
		return err
	}
	if err := say(map[string]any{"Addresses": addrs}); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return say(used())
}

// window is how many blocks are wanted at a time, twice over: 128 MiB under way,
// and no more than the 1,024 wants that a server queues for one peer.
const window = 256

// pull brings all blocks of the list into a file.
func pull(ctx context.Context, address, from, list, file string, size uint64) error {
	info, err := peer.AddrInfoFromString(from)
	if err != nil {
		return err
	}
	store, err := expect(file, list, size)
	if err != nil {
		return err
	}
	defer store.Close()
	h, err := newHost(address)
	if err != nil {
		return err
	}
	defer h.Close()
	network := bsnet.NewFromIpfsHost(h)
	b := bitswap.New(ctx, network, nil, store)
	network.Start(b)
	defer b.Close()
	if err := say(struct{}{}); err != nil {
		return err
	}
	start := time.Now()
	if err := h.Connect(ctx, *info); err != nil {
		return err
	}
	if err := store.pullAll(ctx, b); err != nil {
		return err
	}
	took := time.Since(start)
	u := used()
	return say(map[string]any{"Seconds": took.Seconds(), "CPU": u.CPU, "Memory": u.Memory})
}

// newHost has a node's connections.
func newHost(address string) (host.Host, error) {
	return libp2p.New(append(transport.Options(false),
		libp2p.ListenAddrStrings(fmt.Sprintf("/ip4/%s/tcp/0", address)),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
	)...)
}

func say(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
