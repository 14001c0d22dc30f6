//go:build linux

package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"

	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

// targets is what hostile peers know of the others.
type targets struct {
	ChainID string
	Pools   []uint64
	Nodes   [][]string // the addresses of each, with its peer id
	Roots   [][]byte   // of ciphertexts that are on offer
}

// A hostile is one hostile peer.
type hostile struct {
	targets
	host   host.Host
	hello  *identity.Service
	pubsub *pubsub.PubSub
	random *rand.Rand
}

// ways are how hostile peers misbehave towards a node to which they are connected; the
// peers take turns.
var ways = []struct {
	name string
	do   func(ctx context.Context, h *hostile, at peer.ID) error
}{
	{"made-up authors", madeUpAuthors},
	{"provider records", providerRecords},
	{"sybils of pools", poolSybils},
	{"unknown roots", unknownRoots},
	{"idle streams", idleStreams},
	{"hello probes", helloProbes},
	{"garbage frames", garbageFrames},
	{"slow readers", slowReaders},
}

const (
	// attack is how long one misbehaviour lasts, attackPause the time to the next, which
	// leaves the machine's processors to the others.
	attack, attackPause = 15 * time.Second, 2 * time.Second
	crowdEnv            = "PDX_SOAK_CROWD"
)

// RunCrowd is the process of a crowd of hostile peers; it returns at once, with false, in
// any other process. It ends when its standard input does.
func RunCrowd() bool {
	file := os.Getenv(crowdEnv)
	if file == "" {
		return false
	}
	if err := runCrowd(file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// crowdFile is what a crowd reads again and again.
type crowdFile struct {
	targets
	Name  string
	First int // the number of its first peer
	Peers int
}

func runCrowd(file string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c, err := readCrowd(file)
	if err != nil {
		return err
	}
	var peers sync.WaitGroup
	count := newAttackCount(file + ".count")
	for i := range c.Peers {
		h, err := newHostile(ctx, c, c.First+i)
		if err != nil {
			return err
		}
		peers.Go(func() { h.run(ctx, file, c.First+i, count) })
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // until it is closed
	cancel()
	peers.Wait()
	return nil
}

func readCrowd(file string) (c crowdFile, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(raw, &c)
}

// newHostile returns a peer with a fresh key and an account without money.
func newHostile(ctx context.Context, c crowdFile, number int) (*hostile, error) {
	host, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/0.0.0.0/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay())
	if err != nil {
		return nil, err
	}
	signer := identitytest.New(fmt.Sprintf("hostile %d", number))
	hello, err := identity.New(identity.Config{Host: host, ChainID: c.ChainID, Signer: signer})
	if err != nil {
		return nil, err
	}
	if err := hello.Start(ctx); err != nil {
		return nil, err
	}
	ps, err := pubsub.NewGossipSub(ctx, host, pubsub.WithFloodPublish(true))
	if err != nil {
		return nil, err
	}
	return &hostile{targets: c.targets, host: host, hello: hello, pubsub: ps, random: rand.New(rand.NewPCG(uint64(number), 1))}, nil
}

// run attacks one node after the other until the context ends.
func (h *hostile) run(ctx context.Context, file string, number int, count *attackCount) {
	way := ways[number%len(ways)]
	for ctx.Err() == nil {
		if c, err := readCrowd(file); err == nil {
			h.targets = c.targets // addresses change, and pools come
		}
		if err := h.attack(ctx, way.do); err != nil {
			count.add(way.name + ", refused")
		} else {
			count.add(way.name)
		}
		select {
		case <-ctx.Done():
		case <-time.After(attackPause):
		}
	}
}

func (h *hostile) attack(ctx context.Context, way func(context.Context, *hostile, peer.ID) error) error {
	if len(h.Nodes) == 0 {
		return fmt.Errorf("no nodes are known")
	}
	ctx, cancel := context.WithTimeout(ctx, attack)
	defer cancel()
	var info peer.AddrInfo
	for _, text := range h.Nodes[h.random.IntN(len(h.Nodes))] {
		one, err := peer.AddrInfoFromString(text)
		if err != nil {
			return err
		}
		info.ID, info.Addrs = one.ID, append(info.Addrs, one.Addrs...)
	}
	if err := h.host.Connect(ctx, info); err != nil {
		return err
	}
	return way(ctx, h, info.ID)
}
