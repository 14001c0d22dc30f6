package discovery

import (
	"context"
	"encoding/base32"
	"encoding/binary"
	"log/slog"
	"strings"
	"time"

	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	dhtpb "github.com/libp2p/go-libp2p-kad-dht/pb"
	"github.com/libp2p/go-libp2p-kad-dht/records"
	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/internal/addrgroup"
)

// onRequest stores the provider record of a request: here, because only here
// the connection is known that it came over. The DHT's own provider manager,
// which checks the same, then reads it through providerView.
func (d *Discovery) onRequest(ctx context.Context, s network.Stream, req *dhtpb.Message) {
	if req.GetType() != dhtpb.Message_ADD_PROVIDER {
		return
	}
	for _, info := range dhtpb.PBPeersToPeerInfos(req.GetProviderPeers()) {
		if info.ID != s.Conn().RemotePeer() || len(info.Addrs) == 0 {
			continue
		}
		err := d.store.AddProvider(ctx, netdb.Provider{
			Key: req.GetKey(), Peer: info.ID, Group: addrgroup.Of(s.Conn().RemoteMultiaddr()),
			Addrs: d.policy.keep(info.Addrs), Expires: time.Now().Add(provideValidity),
		})
		if err != nil {
			d.opt.Log.DebugContext(ctx, "provider record not taken", slog.Any("error", err))
		}
		return
	}
}

// providerOptions make the DHT's provider manager a reader of store: its cache,
// which does not bound the peers of a key, keeps nothing, its addresses are not put
// into the peerstore, and expired records are removed by the store. It still
// keeps the records of up to 256 requests in memory until it writes them, and answers with those
// in addition to the store's, which cannot be configured.
func providerOptions() []records.Option {
	return []records.Option{
		records.ProvideValidity(provideValidity), records.ProviderAddrTTL(0), records.CleanupInterval(0), records.Cache(noCache{}),
	}
}

// providerView shows the provider records of store as the datastore that the
// DHT's provider manager reads: the keys are
// "/providers/<base32 key>/<base32 peer>", the values the time of announcing.
// Writes are dropped, for onRequest has made them. Until then, the provider manager
// answers with up to 256 records that wait to be written, whatever store made of them.
type providerView struct {
	datastore.Batching // drops writes, finds nothing
	store              *netdb.DB
}

func newProviderView(store *netdb.DB) providerView {
	return providerView{datastore.NewNullDatastore(), store}
}

// Query answers the one query that the provider manager makes: all records of
// one key.
func (v providerView) Query(ctx context.Context, q query.Query) (query.Results, error) {
	key, err := providerKey(q.Prefix)
	if err != nil {
		return nil, err
	}
	found, err := v.store.Providers(ctx, key)
	if err != nil {
		return nil, err
	}
	entries := make([]query.Entry, len(found))
	for i, p := range found {
		entries[i].Key = q.Prefix + "/" + rawBase32.EncodeToString([]byte(p.Peer))
		entries[i].Value = binary.AppendVarint(nil, p.Expires.Add(-provideValidity).UnixNano())
	}
	return query.ResultsWithEntries(q, entries), nil
}

// rawBase32 is how the provider manager writes bytes into keys.
var rawBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

func providerKey(prefix string) ([]byte, error) {
	return rawBase32.DecodeString(strings.TrimPrefix(prefix, records.ProvidersKeyPrefix))
}

// noCache is a cache for the provider manager that keeps nothing.
type noCache struct{}

func (noCache) Add(any, any) bool                { return false }
func (noCache) Get(any) (any, bool)              { return nil, false }
func (noCache) Contains(any) bool                { return false }
func (noCache) Peek(any) (any, bool)             { return nil, false }
func (noCache) Remove(any) bool                  { return false }
func (noCache) RemoveOldest() (_, _ any, _ bool) { return nil, nil, false }
func (noCache) GetOldest() (_, _ any, _ bool)    { return nil, nil, false }
func (noCache) Keys() []any                      { return nil }
func (noCache) Len() int                         { return 0 }
func (noCache) Purge()                           {}
func (noCache) Resize(int) int                   { return 0 }
