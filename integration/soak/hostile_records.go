//go:build linux

package soak

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	dhtpb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

// providerRecords announces random keys as fast as it is let.
func providerRecords(ctx context.Context, h *hostile, at peer.ID) error {
	return h.provide(ctx, at, func() []byte {
		key := make([]byte, 34)
		key[0], key[1] = 0x12, 0x20 // sha2-256, 32 bytes
		_, _ = rand.Read(key[2:])
		return key
	})
}

// poolSybils announces itself as a seller, a validator and the buyer of each pool.
func poolSybils(ctx context.Context, h *hostile, at peer.ID) error {
	if len(h.Pools) == 0 {
		return fmt.Errorf("no pools are known")
	}
	roles := []pdx.Role{pdx.RoleSeller, pdx.RoleValidator, pdx.RoleBuyer}
	return h.provide(ctx, at, func() []byte {
		pool, role := h.Pools[h.random.IntN(len(h.Pools))], roles[h.random.IntN(len(roles))]
		return discovery.PoolKey(h.ChainID, pdx.PoolID(pool), role).Hash()
	})
}

// provide sends ADD_PROVIDER of keys until the context ends or the node ends the stream.
func (h *hostile) provide(ctx context.Context, at peer.ID, key func() []byte) error {
	s, err := h.host.NewStream(ctx, at, protocol.ID("/pdx/"+h.ChainID+"/kad/1.0.0"))
	if err != nil {
		return err
	}
	defer func() { _ = s.Reset() }()
	end, _ := ctx.Deadline()
	_ = s.SetDeadline(end)
	w := bufio.NewWriterSize(s, 16<<10)
	for time.Now().Before(end) && ctx.Err() == nil {
		m := dhtpb.NewMessage(dhtpb.Message_ADD_PROVIDER, key(), 0)
		m.ProviderPeers = dhtpb.RawPeerInfosToPBPeers([]peer.AddrInfo{{ID: h.host.ID(), Addrs: h.host.Addrs()}})
		if _, err := w.Write(framed(m)); err != nil {
			return nil // the node reads no faster, or has had enough
		}
	}
	return nil
}

// framed returns a message with its length before it.
func framed(m proto.Message) []byte {
	body, err := proto.Marshal(m)
	if err != nil {
		panic(err) // messages made here are well-formed
	}
	return append(binary.AppendUvarint(nil, uint64(len(body))), body...)
}
