package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// hostileConfig is for the role hostile.
type hostileConfig struct {
	From  []string
	Root  pdx.ContentID
	Peers int
}

// roleHostile is many peers that want nothing but a server's time, until standard input ends.
func roleHostile(ctx context.Context, config string) error {
	var c hostileConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mob sync.WaitGroup
	for i := range c.Peers {
		h, err := newHost(fmt.Sprintf("127.%d.%d.1", 1+i/250, 1+i%250), stock)
		if err != nil {
			return err
		}
		defer h.Close()
		from, err := meet(h, c.From)
		if err != nil {
			return err
		}
		mob.Go(func() { torment(ctx, h, from[0], c.Root, i) })
	}
	if err := say(struct{}{}); err != nil {
		return err
	}
	untilTold()
	cancel()
	mob.Wait()
	return nil
}

// pause is between two attempts of one peer, so that the machine's cores are not
// taken by the hostile peers' own work.
const pause = 2 * time.Second

// torment opens one stream after another and misuses it, each peer in its own way.
func torment(ctx context.Context, h host.Host, at peer.ID, root pdx.ContentID, way int) {
	for ctx.Err() == nil {
		abuse(ctx, h, at, root, way)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func abuse(ctx context.Context, h host.Host, at peer.ID, root pdx.ContentID, way int) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	s, err := h.NewStream(ctx, at, transfer.Protocol(chainID))
	if err != nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() })
	defer stop()
	defer func() { _ = s.Reset() }()
	switch way % 4 {
	case 0: // asks and never reads
		_, _ = s.Write(request(root))
		<-ctx.Done()
	case 1: // begins to ask
		_, _ = s.Write(request(root)[:3])
		<-ctx.Done()
	case 2: // talks nonsense
		_, _ = s.Write([]byte("\x20GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n"))
		_, _ = io.Copy(io.Discard, s)
	case 3: // asks and leaves
		_, _ = s.Write(request(root))
	}
}

// request asks for 8 MiB.
func request(root pdx.ContentID) []byte {
	raw, err := proto.Marshal(&transferpb.Request{Root: root[:], Ranges: []*transferpb.Range{{Count: 128}}})
	if err != nil {
		panic(err)
	}
	return append(binary.AppendUvarint(nil, uint64(len(raw))), raw...)
}
