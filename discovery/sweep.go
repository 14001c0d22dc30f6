package discovery

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/namespace"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kad-dht/provider"
	"github.com/libp2p/go-libp2p-kad-dht/provider/keystore"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/multiformats/go-multihash"
)

// sweeper announces keys by region of the key space, so that many keys cost
// few lookups, and remembers in the datastore which regions are due.
type sweeper struct {
	keys     keystore.Keystore
	provider *provider.SweepingProvider
}

// newSweeper starts a sweep. The library probes for the network with a pause
// that grows to a minute, so it is started only once a peer is known.
//
// The node keeps no record of itself, because it could not be withdrawn: the node would go on
// reporting its presence in a pool that it has left.
func newSweeper(h host.Host, node *dht.IpfsDHT, store datastore.Batching) (*sweeper, error) {
	keys, err := keystore.NewKeystore(namespace.Wrap(store, datastore.NewKey("/keys")), keystore.WithBatchSize(keystoreBatch))
	if err != nil {
		return nil, fmt.Errorf("open the announced keys: %w", err)
	}
	sweep, err := provider.New(
		provider.WithHost(h),
		provider.WithRouter(node),
		provider.WithMessageSender(node.MessageSender()),
		provider.WithSelfAddrs(node.FilteredAddrs),
		provider.WithKeystore(keys),
		provider.WithDatastore(namespace.Wrap(store, datastore.NewKey("/schedule"))),
		provider.WithReprovideInterval(reprovideInterval),
		provider.WithMaxReprovideDelay(maxReprovideDelay),
		provider.WithResumeCycle(true),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the sweep: %w", err), keys.Close())
	}
	return &sweeper{keys: keys, provider: sweep}, nil
}

// add announces keys from now on. Known ones are announced now only if force is
// set, else when their region is due.
func (s *sweeper) add(force bool, keys ...cid.Cid) error {
	if err := s.provider.StartProviding(force, hashes(keys)...); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

func (s *sweeper) remove(keys ...cid.Cid) error {
	return s.provider.StopProviding(hashes(keys)...)
}

func (s *sweeper) close() error {
	return errors.Join(s.provider.Close(), s.keys.Close())
}

func hashes(keys []cid.Cid) []multihash.Multihash {
	all := make([]multihash.Multihash, len(keys))
	for i, key := range keys {
		all[i] = key.Hash()
	}
	return all
}

// beginSweep starts the sweep, once, with the whole list. Presence in pools is
// announced at once: the peers that held it may have restarted too. Ciphertexts
// may be many and are announced by schedule, except those that were never announced.
func (d *Discovery) beginSweep(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.opt.Unlisted || d.sweep != nil || d.state != running {
		return nil
	}
	roles, contents, err := d.announcedKeys(ctx)
	if err != nil {
		return err
	}
	sweep, err := newSweeper(d.host, d.dht, namespace.Wrap(d.own, datastore.NewKey("/sweep")))
	if err != nil {
		return err
	}
	d.sweep = sweep
	return errors.Join(sweep.add(true, roles...), sweep.add(false, contents...))
}

// announcedKeys returns the keys of the list: what this node is, and what it serves.
func (d *Discovery) announcedKeys(ctx context.Context) (roles, contents []cid.Cid, err error) {
	all, err := d.list.all(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("list announcements: %w", err)
	}
	for _, a := range all {
		if a.Pool != 0 || a.Relay {
			roles = append(roles, a.key(d.opt.ChainID))
		} else {
			contents = append(contents, a.key(d.opt.ChainID))
		}
	}
	return roles, contents, nil
}

// announceAgain announces everything with the present addresses, which replace the former
// ones at the servers that hold the records.
func (d *Discovery) announceAgain(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sweep == nil || d.state != running {
		return nil
	}
	roles, contents, err := d.announcedKeys(ctx)
	if err != nil {
		return err
	}
	return d.sweep.add(true, append(roles, contents...)...)
}
