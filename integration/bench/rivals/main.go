package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockstore"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rivals:", err)
		os.Exit(1)
	}
}

const usageText = "usage: rivals add WAY FILE DIR | rivals serve WAY LISTEN FILE DIR | rivals pull WAY LISTEN PEER DIR SIZE"

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New(usageText)
	}
	verb, args := args[0], args[1:]
	w, ok := ways[args[0]]
	switch {
	case !ok:
		return fmt.Errorf("way %q: there is none of that name", args[0])
	case verb == "add" && len(args) == 3:
		return add(ctx, w, args[1], folder(args[2]))
	case verb == "serve" && len(args) == 4:
		return serve(ctx, w, args[1], args[2], folder(args[3]))
	case verb == "pull" && len(args) == 5:
		size, err := strconv.ParseUint(args[4], 10, 63)
		if err != nil {
			return fmt.Errorf("size: %w", err)
		}
		return pull(ctx, w, args[1], args[2], folder(args[3]), size)
	}
	return errors.New(usageText)
}

func add(ctx context.Context, w way, file string, at folder) error {
	told, err := w.add(ctx, file, at)
	if err != nil {
		return err
	}
	return at.tell(told)
}

// serve serves a file that was added until standard input ends.
func serve(ctx context.Context, w way, listen, file string, at folder) error {
	told, err := at.hear()
	if err != nil {
		return err
	}
	store, err := w.serve(ctx, told, file, at)
	if err != nil {
		return err
	}
	defer store.Close()
	n, err := start(ctx, listen, store)
	if err != nil {
		return err
	}
	defer n.close()
	addrs, err := peer.AddrInfoToP2pAddrs(&peer.AddrInfo{ID: n.host.ID(), Addrs: n.host.Addrs()})
	if err != nil {
		return err
	}
	if err := say(map[string]any{"Addresses": addrs}); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return say(used())
}

// pull brings a file.
func pull(ctx context.Context, w way, listen, from string, at folder, size uint64) error {
	info, err := peer.AddrInfoFromString(from)
	if err != nil {
		return err
	}
	told, err := at.hear()
	if err != nil {
		return err
	}
	store, err := w.pull(ctx, told, at, size)
	if err != nil {
		return err
	}
	defer store.Close()
	n, err := start(ctx, listen, store)
	if err != nil {
		return err
	}
	defer n.close()
	if err := say(struct{}{}); err != nil {
		return err
	}
	began := time.Now()
	if err := n.host.Connect(ctx, *info); err != nil {
		return err
	}
	if err := store.fetch(ctx, n.bitswap); err != nil {
		return err
	}
	took := time.Since(began)
	u := used()
	return say(map[string]any{"Seconds": took.Seconds(), "CPU": u.CPU, "Memory": u.Memory})
}

// node is bitswap over a host that is libp2p as it comes, with one address.
type node struct {
	host    host.Host
	bitswap *bitswap.Bitswap
}

func start(ctx context.Context, listen string, store blockstore.Blockstore) (*node, error) {
	h, err := libp2p.New(
		libp2p.ListenAddrStrings(listen),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
	)
	if err != nil {
		return nil, err
	}
	return &node{host: h, bitswap: bitswap.New(ctx, bsnet.NewFromIpfsHost(h), nil, store)}, nil
}

func (n *node) close() {
	n.bitswap.Close()
	n.host.Close()
}

func say(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
