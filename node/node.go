package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/internal/keylock"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/book"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/erasure"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/metrics"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/presence"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/relaying"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/ties"
	"github.com/medibloc/pdx/node/validator"
	"github.com/medibloc/pdx/p2p/access"
	"github.com/medibloc/pdx/p2p/alive"
	p2phost "github.com/medibloc/pdx/p2p/host"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob"
)

// A Node is a complete node. New wires one over an open home.
type Node struct {
	cfg     config.Config
	home    *home.Home
	keys    *keys.Keys
	log     *slog.Logger
	metrics *metrics.Registry
	started time.Time

	chain     *client.Client
	view      *chainview.View
	host      host.Host
	store     blob.Store
	blobLocks *keylock.Locks[pdx.ContentID] // around each change of a blob and its ref

	hello      *identity.Service
	drops      *stream.Metrics // of all protocols
	network    *netdb.DB
	discovery  *discovery.Discovery
	mesh       *gossip.Mesh
	peers      *peers.Directory
	askers     *askers
	parties    *peers.Counterparties
	documents  documents
	circuits   circuits
	relaying   *relaying.Relaying // nil on a local network
	access     *access.Rules
	peering    *peers.Peering
	traffic    *alive.Traffic
	alive      *alive.Checker
	networkKey pnet.PSK // nil: the network is open

	formats    *format.Registry
	engine     criteria.Engine
	jail       *jail.Jail // nil: this program cannot be a child
	server     *transfer.Server
	transfers  *activity.Log
	seller     *seller.Service
	buyer      *buyer.Service
	validator  *validator.Service
	recordSets *recordsets.Keeper

	book     *book.Book
	erasures *erasure.Service

	wallet   wallet
	follower *follower
	presence *presence.Presence

	obligation *obligation
	payouts    notify.Signal
	damage     *damage
	unreadable *unreadable
	settings   *settings
	api        *api.Server
	lifecycle  lifecycle.Sequence

	leftovers map[pdx.ContentID]bool // blobs that were in the store at the start

	ending   notify.Signal // Run is to return
	stopping sync.Once
	stopped  error
}

// New wires a node. It starts the libp2p host, which listens but serves no pdx protocol
// yet, and opens the databases. The caller must Stop the node, and close the home after
// that.
func New(ctx context.Context, cfg config.Config, opened *home.Home, log *slog.Logger) (*Node, error) {
	k, err := keys.Load(ctx, opened.Secrets)
	if err != nil {
		return nil, err
	}
	n := &Node{
		cfg: cfg, home: opened, keys: k, log: log,
		metrics: metrics.NewRegistry(), transfers: activity.NewLog(), payouts: notify.New(), ending: notify.New(), traffic: alive.NewTraffic(),
	}
	for _, wire := range []func(context.Context) error{
		n.wireChain, n.wireDamage, n.wireAccess, n.wireHost, n.wireDiscovery, n.wireStore, n.wireRoles, n.wireServers, n.wireHistory, n.wireLoops,
		n.wireRelaying, n.wireFigures, n.wireAPI,
	} {
		if err := wire(ctx); err != nil {
			return nil, joinStop(err, n)
		}
	}
	return n, nil
}

func (n *Node) wireChain(context.Context) (err error) {
	if n.chain, err = OpenChain(n.cfg, n.home, n.keys); err != nil {
		return err
	}
	n.view = chainview.New(n.chain, n.Account())
	n.wallet = wallet{n.chain, n.prover(), &sync.Mutex{}}
	return n.metrics.Register(metrics.Chain{Client: n.chain})
}

// OpenChain returns the ledger as a node of this home sees it, with its account. The caller must close it.
func OpenChain(cfg config.Config, opened *home.Home, k *keys.Keys) (*client.Client, error) {
	fee, err := pdx.ParseAmount(cfg.Chain.MaxFee)
	if err != nil {
		return nil, err
	}
	more, err := cfg.Chain.MoreEndpoints()
	if err != nil {
		return nil, err
	}
	trust, err := cfg.Chain.Trust.Anchor()
	if err != nil {
		return nil, err
	}
	proofs := store.NewTable[proofDocument](opened.DB, "proofs")
	return client.New(client.Config{
		ChainID: cfg.Chain.ID, GRPC: cfg.Chain.GRPC, RPC: cfg.Chain.RPC, More: more, Poll: cfg.Chain.Poll,
		MaxFee: fee, GasPrice: cfg.Chain.GasPrice, MaxGasPrice: cfg.Chain.MaxGasPrice,
		Trust: trust, Memory: proofMemory{proofs, newestProof}, Identity: proofMemory{proofs, chainIdentity},
		Keyring: k.Keyring(), KeyName: keys.Name,
	})
}

func (n *Node) wireHost(ctx context.Context) error {
	listen, err := n.rememberedListen(ctx)
	if err != nil {
		return err
	}
	n.host, err = p2phost.New(n.hostConfig(listen))
	return err
}

// rememberedListen replaces port 0 by the port of the last run.
func (n *Node) rememberedListen(ctx context.Context) ([]string, error) {
	table, ports := store.NewTable[map[string]int](n.home.DB, "ports"), map[string]int{}
	if old, err := table.Get(ctx, "listen"); err == nil {
		ports = old
	}
	wanted, missing := p2phost.WithoutIPv6(n.cfg.P2P.Listen)
	if missing {
		n.log.InfoContext(ctx, "this machine has no IPv6: listening on IPv4 only")
	}
	listen, err := p2phost.ListenAddrs(wanted, n.usesQUIC(), ports)
	if err != nil {
		return nil, err
	}
	webSocket, err := p2phost.ListenAddrs(n.cfg.P2P.WebSocket, false, ports)
	if err != nil {
		return nil, err
	}
	return append(listen, webSocket...), table.Put(ctx, "listen", ports)
}

func (n *Node) wireDiscovery(ctx context.Context) (err error) {
	if n.network, err = netdb.Open(ctx, filepath.Join(n.cfg.Home, home.NetworkFile), n.log); err != nil {
		return err
	}
	bootstrap, names, err := n.cfg.P2P.BootstrapPeers()
	if err != nil {
		return err
	}
	if n.discovery, err = discovery.New(n.host, discovery.Options{
		Store:   n.network,
		Metrics: n.metrics,
		ChainID: n.cfg.Chain.ID, Peers: bootstrap, Names: names, Seeds: n.seeds, LocalPeers: n.cfg.P2P.MDNS,
		Mode: discovery.Mode(n.cfg.P2P.DHT), LocalNetwork: n.cfg.P2P.LocalNetwork, Unlisted: n.cfg.P2P.Unlisted, Log: n.log,
	}); err != nil {
		return err
	}
	if n.drops, err = stream.NewMetrics(n.metrics); err != nil {
		return err
	}
	tied, err := ties.New(ties.Config{
		Self: n.Account(), Plays: n.cfg.Plays, Ledger: n.chain, Log: n.log,
		Names: func(a pdx.Address) bool { return n.seller.DealsWith(a) || n.validator.ReadsSets(a) },
	})
	if err != nil {
		return err
	}
	if n.hello, err = identity.New(identity.Config{
		Host: n.host, ChainID: n.cfg.Chain.ID, Signer: n.keys, Metrics: n.drops, Log: n.log, Admit: n.admitted(tied.Admit),
	}); err != nil {
		return err
	}
	n.parties = peers.NewCounterparties(peers.CounterpartiesConfig{
		Host: n.host, Known: n.hello.Known, Seeds: n.seeds, Log: n.log,
		Deals: func(account pdx.Address) bool {
			return n.seller.DealsWith(account) || n.buyer.DealsWith(account) || n.validator.DealsWith(account)
		},
	})
	if n.askers, err = newAskers(n); err != nil {
		return err
	}
	if n.peers, err = peers.New(n.host, n.hello, n.discovery, n.chain, n.parties, n.log); err != nil {
		return err
	}
	notices, err := gossip.NewMetrics(n.metrics)
	if err != nil {
		return err
	}
	n.mesh, err = gossip.New(n.host, gossip.Options{
		ChainID: n.cfg.Chain.ID, Signer: n.keys, Find: n.meet, Log: n.log,
		Roles: presence.NewRoles(n.chain), Metrics: notices, Behind: func() bool { return n.follower.behind() },
	})
	return err
}

// seeds returns the validators on chain, which are every node's first peers.
func (n *Node) seeds(ctx context.Context) ([]peer.AddrInfo, error) {
	validators, err := n.chain.Validators(ctx)
	if err != nil {
		return nil, err
	}
	var infos []peer.AddrInfo
	for _, v := range validators {
		if info, err := peers.ContactOf(v); err == nil && info.ID != n.host.ID() {
			infos = append(infos, info)
		}
	}
	return infos, nil
}

func (n *Node) wireStore(ctx context.Context) (err error) {
	n.blobLocks = keylock.New[pdx.ContentID]()
	n.store, err = home.OpenBlobs(ctx, n.cfg, blob.OriginFunc(n.ciphertext), n.log)
	return err
}

// ciphertext returns a ciphertext that the seller seals again whenever it is served.
func (n *Node) ciphertext(ctx context.Context, id pdx.ContentID) (blob.Bytes, error) {
	c, err := n.seller.Ciphertext(serve(ctx), id)
	if errors.Is(err, seller.ErrSource) {
		err = fmt.Errorf("%w: %w", blob.ErrOrigin, err)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// sweep lists the blobs in the store, for cleanUp. It precedes every other part, because a
// blob that another part has just made must not look like a leftover.
func (n *Node) sweep(ctx context.Context) error {
	there, err := n.blobsHere(ctx)
	if err != nil {
		n.log.WarnContext(ctx, "blobs left by a crash stay for now", "error", err)
	}
	n.leftovers = there
	return nil
}

// share returns a role's view of the blob store.
func (n *Node) share(role pdx.Role) blobs {
	return blobs{
		role: role, store: n.store, refs: store.NewTable[ref](n.home.DB, refsTable), locks: n.blobLocks, damage: n.damage,
	}
}

// maxDocument bounds blobs whose size is not on chain: criteria and schemas. The largest
// known schema, that of FHIR R4, has 3.4 MB.
const maxDocument = 8 << 20

// fetcher returns a fetcher for a role.
func (n *Node) fetcher(role pdx.Role, counters *transfer.Metrics) (fetcher, error) {
	pull, err := transfer.NewClient(transfer.ClientConfig{
		Host: n.host, ChainID: n.cfg.Chain.ID, Store: n.store,
		Log: n.log, Metrics: counters, Activities: n.transfers, MaxSize: maxDocument,
	})
	return fetcher{blobs: n.share(role), client: pull, peers: n.peers}, err
}
