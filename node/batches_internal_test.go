package node

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/node/store/storetest"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// pools are those of the chain.
type pools interface{ buyer.Pools }

// sales are a chain with certified deals, and who sells them.
type sales struct {
	pools

	seller peer.ID
	key    pdx.Element
	mu     sync.Mutex
	deals  map[pdx.DealID]pdx.Deal
	acked  chan []pdx.DealID
}

func newSales(seller peer.ID, blobs [][]byte, key pdx.Element) *sales {
	s := &sales{seller: seller, key: key, deals: map[pdx.DealID]pdx.Deal{}, acked: make(chan []pdx.DealID, len(blobs))}
	for i, data := range blobs {
		id := pdx.DealID(i + 1)
		s.deals[id] = pdx.Deal{
			ID: id, Pool: 1, Seller: "panacea1seller", Buyer: "panacea1buyer", BuyerKey: key, State: pdx.DealCertified,
			Dataset:        pdx.Dataset{Root: blobtest.Root(data), Size: uint64(len(data))},
			DeadlineHeight: 1000, DeadlineTime: time.Now().Add(time.Hour),
		}
	}
	return s
}

func (s *sales) Head(context.Context) (pdx.Head, error) {
	return pdx.Head{ChainID: "test-1", Height: 10, Time: time.Now()}, nil
}

func (s *sales) Pool(_ context.Context, id pdx.PoolID) (pdx.Pool, error) {
	return pdx.Pool{ID: id, Buyer: "panacea1buyer", Key: s.key, Status: pdx.PoolOpen}, nil
}

func (s *sales) Pools(ctx context.Context, _ pdx.PoolFilter) ([]pdx.Pool, string, error) {
	p, err := s.Pool(ctx, 1)
	return []pdx.Pool{p}, "", err
}

func (s *sales) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deals[id], nil
}

func (s *sales) Deals(context.Context, pdx.DealFilter) ([]pdx.Deal, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.deals)), "", nil
}

func (s *sales) Ack(_ context.Context, acked []pdx.AckedDeal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []pdx.DealID
	for _, a := range acked {
		d := s.deals[a.Deal]
		d.State = pdx.DealAcked
		s.deals[a.Deal], ids = d, append(ids, a.Deal)
	}
	s.acked <- ids
	return nil
}

func (s *sales) Reveal(context.Context, pdx.Reveal) error { return pdx.ErrUnavailable }

func (s *sales) Draw(context.Context, pdx.PoolID) error { return pdx.ErrUnavailable }

func (s *sales) Challenge(context.Context, pdx.NewChallenge) error { return pdx.ErrUnavailable }

func (s *sales) Complain(context.Context, pdx.Complaint) (pdx.Amount, error) {
	return 0, pdx.ErrInvalid
}

func (s *sales) Sources(_ context.Context, d pdx.Deal) ([]buyer.Source, error) {
	return []buyer.Source{{Account: d.Seller, Peer: s.seller.String()}}, nil
}

func loopback(t *testing.T) host.Host {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// served returns a metric of the transfer server, summed over its labels.
func served(t *testing.T, r *prometheus.Registry, name string) (sum float64) {
	all, err := r.Gather()
	require.NoError(t, err)
	for _, family := range all {
		for _, m := range family.GetMetric() {
			if family.GetName() == "pdx_transfer_"+name {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// TestBuyerPullsInBatches has a buyer with its stores on disk take three hundred
// small deals from a seller over the network.
func TestBuyerPullsInBatches(t *testing.T) {
	const many = 300
	data := blobtest.Smalls(many, 1)
	there, from, to := mem.New(), loopback(t), loopback(t)
	blobtest.AddBatch(t, there, data)
	count := prometheus.NewRegistry()
	server, err := transfer.NewServer(from, "test-1", there,
		transfer.AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error { return nil }),
		transfer.WithMetrics(transfer.NewMetrics(count)))
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	to.Peerstore().AddAddrs(from.ID(), from.Addrs(), peerstore.PermanentAddrTTL)

	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "node.db"), home.StateSchema())
	require.NoError(t, err)
	defer db.Close()
	here, err := fs.Open(filepath.Join(dir, "blobs"))
	require.NoError(t, err)
	defer here.Close()
	client, err := transfer.NewClient(transfer.ClientConfig{Host: to, ChainID: "test-1", Store: here})
	require.NoError(t, err)
	key, secrets := seal.NewBuyerKey(), &storetest.Secrets{}
	secret := key.Bytes()
	require.NoError(t, secrets.Put(t.Context(), "pool-key/a", secret[:]))
	creations := store.NewTable[buyer.Creation](db, "pools")
	require.NoError(t, creations.Put(t.Context(), "a", buyer.Creation{RequestID: "a", Key: key.Public(), Pool: 1}))
	chain := newSales(from.ID(), data, key.Public())
	mine := shares(here, store.NewTable[ref](db, "blob_claims"))(pdx.RoleBuyer)
	orders := store.NewTable[model.PullOrder](db, "orders")
	require.NoError(t, orders.Put(t.Context(), "1/0", model.PullOrder{Pool: 1, Out: dir}))
	s, err := buyer.New(buyer.Config{
		ChainID: "test-1", Account: "panacea1buyer", Ledger: chain, Prover: believer{chain}, Pools: chain, Finder: chain,
		Fetcher: buyerFetcher{fetcher{blobs: mine, client: client}}, Blobs: mine,
		Creations: creations, Orders: orders,
		Pulls: store.NewTable[model.Pull](db, "pulls"), Secrets: secrets, Marks: &storetest.Table[string]{}, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	acked := map[pdx.DealID]bool{}
	for len(acked) < many {
		for _, id := range <-chain.acked {
			acked[id] = true
		}
	}
	require.NoError(t, s.Stop(t.Context()))

	blobtest.RequireSmall(t, here, data)
	require.Greater(t, served(t, count, "batch_served_blobs_total"), float64(many*9/10))
	require.Less(t, served(t, count, "requests_total"), float64(many/10), "not a stream for each")
	packs, err := filepath.Glob(filepath.Join(dir, "blobs", "packs", "*"))
	require.NoError(t, err)
	require.Less(t, len(packs), many/10, "not a file for each") // how many batches come depends on the machine's load
	for _, b := range data {
		c, err := mine.refs.Get(t.Context(), blobtest.Root(b).String())
		require.NoError(t, err)
		require.Equal(t, []pdx.Role{pdx.RoleBuyer}, c.Roles)
	}
}

// TestFetchManyFails says so of every blob.
func TestFetchManyFails(t *testing.T) {
	from, to, here := loopback(t), loopback(t), mem.New()
	to.Peerstore().AddAddrs(from.ID(), from.Addrs(), peerstore.PermanentAddrTTL)
	client, err := transfer.NewClient(transfer.ClientConfig{Host: to, ChainID: "test-1", Store: here})
	require.NoError(t, err)
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), home.StateSchema())
	require.NoError(t, err)
	f := buyerFetcher{fetcher{blobs: shares(here, store.NewTable[ref](db, "blob_claims"))(pdx.RoleBuyer), client: client}}
	ids := []pdx.ContentID{{1}, {2}}
	requireAll := func(want error, peer string) {
		failed := f.FetchMany(t.Context(), buyer.Source{Peer: peer}, ids, func() {})
		require.Len(t, failed, len(ids))
		for _, id := range ids {
			require.Error(t, failed[id])
			require.True(t, want == nil || errors.Is(failed[id], want), failed[id])
		}
	}
	requireAll(transfer.ErrNoBatches, from.ID().String())
	requireAll(pdx.ErrInvalid, "nobody")
	require.NoError(t, db.Close())
	requireAll(nil, from.ID().String())
}
