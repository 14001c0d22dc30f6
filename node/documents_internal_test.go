package node

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/peers/peerstest"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// Criteria come from whoever has them, past peers that only say that they do, and nobody
// is greeted for them.
func TestCriteriaAreFetchedWithoutHello(t *testing.T) {
	w := peerstest.New(t)
	reader, err := peers.New(w.Host, w.Hello, w.Discovery, nil, nil, slog.New(slog.DiscardHandler)) // a seller that looks at a pool
	require.NoError(t, err)
	document := bytes.Repeat([]byte("criteria "), 20_000)
	id := pdx.ContentID(blake3.Sum256(document))
	hello := network.StreamHandler(func(s network.Stream) {
		t.Error("somebody was greeted")
		_ = s.Reset()
	})

	buyer, held := peerstest.Host(t, "127.0.0.77"), mem.New()
	buyer.SetStreamHandler("/pdx/"+peerstest.Chain+"/hello/1", hello)
	blob, err := held.Create(t.Context())
	require.NoError(t, err)
	_, err = blob.Write(document)
	require.NoError(t, err)
	_, err = blob.Commit(t.Context())
	require.NoError(t, err)
	anybody := transfer.AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error { return nil })
	server, err := transfer.NewServer(buyer, peerstest.Chain, held, anybody)
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	require.NoError(t, peerstest.Discovery(t, buyer, w.Joins).Announce(t.Context(), 7, pdx.RoleBuyer))
	w.Settle(1)
	for i := range 300 { // they take requests and answer none, or are not there
		liar := peerstest.Peer(t)
		at := peerstest.Addr("127.0.1.1")
		if i < 20 {
			h := peerstest.Host(t, "127.0.1.1")
			h.SetStreamHandler("/pdx/"+peerstest.Chain+"/hello/1", hello)
			h.SetStreamHandler(transfer.Protocol(peerstest.Chain), func(s network.Stream) { _, _ = s.Read(make([]byte, 1)) })
			liar, at = h.ID(), h.Addrs()[0]
		}
		w.Announce(pdx.RoleBuyer, liar, at, at)
	}
	w.Settle(256)

	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	here := mem.New()
	client, err := transfer.NewClient(transfer.ClientConfig{Host: w.Host, ChainID: peerstest.Chain, Store: here})
	require.NoError(t, err)
	share := shares(here, store.NewTable[ref](db, refsTable))(roleDocuments)
	d := documents{
		fetcher{blobs: share, client: client, peers: reader},
		newDocumentCache(share, store.NewTable[cachedDocument](db, documentsTable), mostDocuments, slog.New(slog.DiscardHandler)),
	}
	got, err := d.Document(t.Context(), pdx.Pool{ID: 7, Buyer: "panacea1buyer"}, id, len(document))
	require.NoError(t, err)
	require.Equal(t, document, got)
}
