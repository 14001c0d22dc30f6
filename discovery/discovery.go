package discovery

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/namespace"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/protocol"
	madns "github.com/multiformats/go-multiaddr-dns"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/internal/notify"
)

// A Discovery announces this node and finds peers. Make one with New.
type Discovery struct {
	host   host.Host
	opt    Options
	policy addressPolicy
	list   announcements
	seeds  *seeds
	dns    *madns.Resolver
	store  *netdb.DB
	own    datastore.Batching // the node's part of store
	count  metrics
	online *latch        // open while the routing table has peers
	wake   notify.Signal // asks the bootstrap loop to look now
	again  notify.Signal // everything is to be announced again
	cancel context.CancelFunc
	wg     sync.WaitGroup

	handlers  *dhtHandlers
	servingMu sync.Mutex
	serving   DHTState

	mu    sync.Mutex
	state state
	dht   *dht.IpfsDHT // set while running
	sweep *sweeper     // set while running, after the first peer, unless unlisted
}

type state int

const (
	created state = iota
	running
	stopped
)

// New returns a Discovery on the host h. It starts nothing, but without Options.Store
// it opens a database in memory, which Stop closes. It returns ErrInvalid for invalid
// options.
func New(h host.Host, opt Options) (*Discovery, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	count, err := newMetrics(opt.Metrics)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	store := opt.Store
	if store == nil {
		if store, err = netdb.OpenMemory(context.Background(), opt.Log); err != nil {
			return nil, fmt.Errorf("discovery: %w", err)
		}
	}
	dns, err := madns.NewResolver(madns.WithDefaultResolver(opt.DNS))
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	d := &Discovery{
		host:   h,
		opt:    opt,
		policy: addressPolicy{local: opt.LocalNetwork},
		store:  store,
		own:    store.Datastore(),
		count:  count,
		list:   announcements{namespace.Wrap(store.Datastore(), datastore.NewKey("/announcements"))},
		seeds:  newSeeds(h.ID(), opt.Peers),
		dns:    dns,
		online: newLatch(),
		wake:   notify.New(),
		again:  notify.New(),

		handlers: newDHTHandlers(h),
		serving:  DHTState{Mode: opt.Mode},
	}
	d.serve(func(*DHTState) {})
	return d, nil
}

// Start opens the DHT and starts the loop that keeps it connected. It does not wait for
// peers, and ctx is not used after it returns. A Discovery can be started once.
func (d *Discovery) Start(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != created {
		return fmt.Errorf("%w: discovery starts once", pdx.ErrWrongState)
	}
	ctx, cancel := context.WithCancel(context.Background())
	node, err := dht.New(servingHost{d.handlers, ctx, newLimiter(), d.store, d.count}, d.dhtOptions()...)
	if err != nil {
		cancel()
		return fmt.Errorf("start the DHT: %w", err)
	}
	if err := d.startLoops(ctx); err != nil {
		cancel()
		return errors.Join(err, node.Close())
	}
	stopForgetting := d.forgetLeft(node)
	d.dht, d.state = node, running
	d.cancel = func() { stopForgetting(); cancel() }
	return nil
}

func (d *Discovery) dhtOptions() []dht.Option {
	return append(d.policy.filters(d.host),
		dht.ProtocolPrefix(d.prefix()),
		dht.Mode(dht.ModeServer), // dhtHandlers says when
		dht.DisableValues(),
		dht.ProviderDatastore(newProviderView(d.store)),
		dht.ProviderManagerOpts(providerOptions()...),
		dht.OnRequestHook(d.onRequest),
	)
}

func (d *Discovery) prefix() protocol.ID { return protocol.ID("/pdx/" + d.opt.ChainID) }

// Stop ends the loops, then announcing, then the DHT, and waits for them without a time
// limit. Records at other nodes stay until they expire. Stop may be called again.
func (d *Discovery) Stop(context.Context) error {
	d.mu.Lock()
	if d.state != running {
		unused := d.state == created
		d.state = stopped
		d.mu.Unlock()
		d.wg.Wait()
		if unused {
			return d.closeStore()
		}
		return nil
	}
	d.state = stopped
	node := d.dht
	d.mu.Unlock()

	// The DHT does not remove its handler: peers would keep asking a closed one.
	d.serve(func(s *DHTState) { s.Mode = ModeClient })
	d.rememberTable(context.Background(), node)
	d.cancel()
	d.wg.Wait()
	var err error
	if d.sweep != nil {
		err = d.sweep.close()
	}
	return errors.Join(err, node.Close(), d.closeStore())
}

// closeStore closes a store that this Discovery opened.
func (d *Discovery) closeStore() error {
	if d.opt.Store != nil {
		return nil
	}
	return d.store.Close()
}

// running returns the DHT, or ErrUnavailable when discovery does not run.
func (d *Discovery) running() (*dht.IpfsDHT, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != running {
		return nil, fmt.Errorf("%w: discovery does not run", pdx.ErrUnavailable)
	}
	return d.dht, nil
}

// Peers returns the number of peers in the routing table. If it is 0, nothing can be
// found or announced.
func (d *Discovery) Peers() int {
	node, err := d.running()
	if err != nil {
		return 0
	}
	return node.RoutingTable().Size()
}
