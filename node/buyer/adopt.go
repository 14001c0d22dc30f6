package buyer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/adopt"
	"github.com/medibloc/pdx/node/buyer/internal/output"
	"github.com/medibloc/pdx/node/model"
)

// markName is the key of the mark before which all of this account's deals have ended.
const markName = "buyer"

// compare finds this account's pools and deals that are not known here: the
// database was lost, or is older than they are. Pools whose key is here are gone
// on with; for deals that are paid for, which must be opened before their dispute
// ends, an order is made. What else there is waits, and is shown.
func (s *Service) compare(ctx context.Context) error {
	lost, err := s.adoptPools(ctx)
	if err != nil {
		return fmt.Errorf("this account's pools: %w", err)
	}
	live, deals, paid := map[pdx.PoolID]bool{}, map[pdx.DealID]bool{}, map[pdx.DealID]pdx.ContentID{}
	err = adopt.Deals(ctx, s.ledger, s.marks, markName, pdx.DealFilter{Buyer: s.account}, func(d pdx.Deal) error {
		if d.State.Ended() {
			return nil
		}
		live[d.Pool], deals[d.ID] = true, true
		if _, gone := lost[d.Pool]; gone || !isPaid(d) {
			return nil
		}
		paid[d.ID] = d.Dataset.Root
		err := s.adoptDeal(ctx, d)
		if errors.Is(err, pdx.ErrCorrupt) { // the damaged record of one order, which health names
			s.log.WarnContext(ctx, "cannot take up a purchase", "deal_id", d.ID, "error", err)
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("this account's purchases: %w", err)
	}
	for id, pool := range lost {
		if pool.Status != pdx.PoolOpen && !live[id] {
			delete(lost, id) // history
		}
	}
	s.notes.compared(lost, deals, paid)
	s.hints.everything()
	s.draws.everything()
	return nil
}

// adoptPools sees to it that every pool of this account has its creation, and
// returns those whose key is not here.
func (s *Service) adoptPools(ctx context.Context) (lost map[pdx.PoolID]pdx.Pool, err error) {
	lost = map[pdx.PoolID]pdx.Pool{}
	known, err := s.creationsByKey(ctx)
	if err != nil {
		return nil, err
	}
	filter := pdx.PoolFilter{Buyer: s.account, Limit: page}
	for {
		pools, next, err := s.pools.Pools(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, p := range pools {
			here, err := s.adoptPool(ctx, p, known)
			if err != nil {
				return nil, err
			}
			if !here {
				lost[p.ID] = p
			}
		}
		if next == "" {
			return lost, nil
		}
		filter.Cursor = next
	}
}

// creationsByKey are the creations that are known, and those of keys that are here
// without one.
func (s *Service) creationsByKey(ctx context.Context) (map[pdx.Element]Creation, error) {
	known := map[pdx.Element]Creation{}
	names, err := s.secrets.Names(ctx, secretName(""))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		id := strings.TrimPrefix(name, secretName(""))
		key, err := s.key(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("key of pool request %q: %w", id, err)
		}
		known[key.Public()] = Creation{RequestID: id, Key: key.Public()}
	}
	all, err := s.creations.All(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if _, here := known[c.Key]; here || c.Destroyed {
			known[c.Key] = c
		}
	}
	return known, nil
}

// adoptPool reports whether the key of a pool is here, or was destroyed when the
// pool had ended.
func (s *Service) adoptPool(ctx context.Context, p pdx.Pool, known map[pdx.Element]Creation) (here bool, err error) {
	c, here := known[p.Key]
	if !here || c.Pool == p.ID || c.Destroyed {
		return here, nil
	}
	c.Pool, c.Attempted = p.ID, 0
	if len(c.Documents) == 0 {
		c.Expiry, c.Documents = p.Expiry, []pdx.ContentID{p.Criteria}
	}
	if err := s.creations.Put(ctx, c.RequestID, c); err != nil {
		return true, err
	}
	s.documents.add(c.Documents)
	s.log.InfoContext(ctx, "took up a pool that this node had forgotten", "pool_id", p.ID)
	return true, nil
}

// isPaid reports whether a deal that goes on is paid for.
func isPaid(d pdx.Deal) bool { return d.State == pdx.DealAcked || d.State == pdx.DealDelivered }

// adoptDeal orders a deal that is paid for and was not ordered, or was and is
// forgotten. Before it is paid for its owner decides.
func (s *Service) adoptDeal(ctx context.Context, d pdx.Deal) error {
	if s.folder == "" {
		return nil
	}
	_, err := s.orderFor(ctx, d.Pool, d.ID)
	if !errors.Is(err, pdx.ErrNotFound) {
		return err
	}
	o := model.PullOrder{Pool: d.Pool, Deal: d.ID, Out: filepath.Join(s.folder, "pool-"+d.Pool.String())}
	if err := s.orders.Put(ctx, orderKey(o), o); err != nil {
		return fmt.Errorf("remember order: %w", err)
	}
	s.log.InfoContext(ctx, "took up a purchase that this node had forgotten", "deal_id", d.ID, "state", d.State, "folder", o.Out)
	return nil
}

// keyIsHere is ErrNoKey for a pool whose datasets could not be opened here. What
// cannot be opened is not paid for.
func (s *Service) keyIsHere(ctx context.Context, key pdx.Element) error {
	if _, ok := s.keys.Load(key); ok {
		return nil
	}
	c, err := s.creationOf(ctx, key)
	if err != nil {
		return err
	}
	var b seal.BuyerKey
	if b, err = s.key(ctx, c.RequestID); errors.Is(err, pdx.ErrNotFound) || err == nil && b.Public() != key {
		return ErrNoKey
	}
	if err != nil {
		return fmt.Errorf("read the pool's key: %w", err)
	}
	s.keys.Store(key, true)
	return nil
}

// CompareAgain compares pools and deals with the ledger once more: blocks were
// skipped, so events may be missing.
func (s *Service) CompareAgain() { s.adoption.Again() }

// Compared is closed when all pools and deals of this account are known.
func (s *Service) Compared() <-chan struct{} { return s.adoption.Done() }

// CompareTrouble is why the last comparison with the ledger failed, nil if it did not.
func (s *Service) CompareTrouble() error { return s.adoption.Err() }

// Needed are the blobs of this buyer: the ciphertexts of deals that go on or keep
// their evidence, and the documents of its pools. A deal that was taken up a moment
// ago is in the feed only after the next scan, and counts before.
func (s *Service) Needed(ctx context.Context) ([]pdx.ContentID, error) {
	ids := s.documents.all()
	failed, err := s.Ended(ctx, model.PullFailed)
	if err != nil {
		return nil, err
	}
	for _, p := range failed {
		ids = append(ids, p.Root)
	}
	for id, root := range s.notes.paidFor() {
		if _, known := s.feed.get(id); !known {
			ids = append(ids, root)
		}
	}
	return append(ids, s.feed.needed.Terms()...), nil
}

// Forgotten says that what was remembered of a deal is lost, and that the deal has
// ended. A dataset that lies in the order's folder is not pulled again.
func (s *Service) Forgotten(ctx context.Context, deal pdx.Deal) error {
	order, err := s.orderFor(ctx, deal.Pool, deal.ID)
	if errors.Is(err, pdx.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s.hints.order(deal.Pool) // the deal may lie before the mark
	folder := output.Path(order.Out, deal.ID)
	_, err = os.Stat(filepath.Join(folder, output.ManifestName))
	if errors.Is(err, fs.ErrNotExist) || deal.State != pdx.DealFinal {
		return nil
	}
	if err != nil {
		return err
	}
	p := model.Pull{Deal: deal.ID, Pool: deal.Pool, Seller: deal.Seller, Root: deal.Dataset.Root, Size: deal.Dataset.Size}
	return s.note(ctx, &p, model.PullFinal, "its record was damaged and was set aside; what was bought is in "+folder)
}
