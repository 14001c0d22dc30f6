package discovery

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/namespace"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kad-dht/records"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
)

// Discovery announces and finds peers. New makes one.
type Discovery struct {
	host   host.Host
	opt    Options
	policy addressPolicy
	list   announcements
	seeds  *seeds
	online *gate         // open while the routing table has peers
	wake   chan struct{} // asks the bootstrap loop to look now
	cancel context.CancelFunc
	wg     sync.WaitGroup

	handlers  *dhtHandlers
	servingMu sync.Mutex
	serving   Serving

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

// New wires a Discovery over h. It starts nothing. Wrong options are ErrInvalid.
func New(h host.Host, opt Options) (*Discovery, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	d := &Discovery{
		host:   h,
		opt:    opt,
		policy: addressPolicy{local: opt.LocalNetwork},
		list:   announcements{namespace.Wrap(opt.Datastore, datastore.NewKey("/announcements"))},
		seeds:  newSeeds(h.ID(), opt.Peers),
		online: newGate(),
		wake:   make(chan struct{}, 1),

		handlers: newDHTHandlers(h),
		serving:  Serving{Mode: opt.Mode},
	}
	d.serve(func(*Serving) {})
	return d, nil
}

// Start opens the DHT and the loop that keeps it connected. It does not wait
// for peers. ctx bounds the start only. A Discovery starts once.
func (d *Discovery) Start(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != created {
		return fmt.Errorf("%w: discovery starts once", pdx.ErrWrongState)
	}
	node, err := dht.New(d.handlers, d.dhtOptions()...)
	if err != nil {
		return fmt.Errorf("start the DHT: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := d.startLoops(ctx); err != nil {
		cancel()
		return errors.Join(err, node.Close())
	}
	d.dht, d.cancel, d.state = node, cancel, running
	return nil
}

func (d *Discovery) dhtOptions() []dht.Option {
	return append(d.policy.filters(d.host),
		dht.ProtocolPrefix(protocol.ID("/pdx/"+d.opt.ChainID)),
		dht.Mode(dht.ModeServer), // dhtHandlers says when
		dht.DisableValues(),
		dht.Datastore(namespace.Wrap(d.opt.Datastore, datastore.NewKey("/dht"))),
		dht.ProviderManagerOpts(records.ProvideValidity(provideValidity), records.ProviderAddrTTL(provideValidity)),
	)
}

// Stop ends the loops, then announcing, then the DHT, and waits for them. What
// was announced stays in others' records until it expires there. Stop is
// idempotent; ctx bounds nothing that could leave a goroutine behind.
func (d *Discovery) Stop(context.Context) error {
	d.mu.Lock()
	if d.state != running {
		d.state = stopped
		d.mu.Unlock()
		d.wg.Wait()
		return nil
	}
	d.state = stopped
	node := d.dht
	d.mu.Unlock()

	d.cancel()
	d.wg.Wait()
	d.serve(func(s *Serving) { s.Mode = ModeClient }) // the DHT's handlers must not outlive it
	var err error
	if d.sweep != nil {
		err = d.sweep.close()
	}
	return errors.Join(err, node.Close())
}

// running is the DHT, or ErrUnavailable when discovery does not run.
func (d *Discovery) running() (*dht.IpfsDHT, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != running {
		return nil, fmt.Errorf("%w: discovery does not run", pdx.ErrUnavailable)
	}
	return d.dht, nil
}

// Peers is the number of peers in the routing table: 0 means that nothing can
// be found or announced.
func (d *Discovery) Peers() int {
	node, err := d.running()
	if err != nil {
		return 0
	}
	return node.RoutingTable().Size()
}
