package buyer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
)

// Creation is what a buyer remembers of a pool it opens, from before the
// transaction is sent. The key b is a secret under secretName.
type Creation struct {
	RequestID string
	Digest    [32]byte    // of the request: the same id must mean the same pool
	Key       pdx.Element // B
	Expiry    time.Time   // chosen once, so that every attempt sends the same
	Documents []pdx.ContentID
	// Attempted is the height before the last sending whose outcome is unknown;
	// 0 when nothing is under way.
	Attempted int64
	Pool      pdx.PoolID // 0 until the chain has it
	// Destroyed: b is gone.
	Destroyed bool
	// Over: the pool takes no more offers and all its deals have ended, but b is kept for
	// those that were paid for, which may be pulled again. Its deals are not looked at until
	// one is ordered.
	Over bool
}

func secretName(requestID string) string { return "pool-key/" + requestID }

// CreatePool opens the pool that the request describes, or returns the one that
// an earlier call with the same id opened. After an error the same request may
// be repeated: it never opens a second pool. ErrUnsettled says that it is too
// early to tell what became of an earlier attempt.
func (s *Service) CreatePool(ctx context.Context, r model.PoolRequest) (pdx.Pool, error) {
	select {
	case s.creating <- struct{}{}: // one at a time: two calls with one id must not both send
		defer func() { <-s.creating }()
	case <-ctx.Done():
		return pdx.Pool{}, ctx.Err()
	}
	id, err := s.createPool(ctx, r)
	if err != nil {
		return pdx.Pool{}, fmt.Errorf("create pool: %w", err)
	}
	return s.pools.Pool(ctx, id)
}

func (s *Service) createPool(ctx context.Context, r model.PoolRequest) (pdx.PoolID, error) {
	plan, err := planOf(r, s.formats)
	if err != nil {
		return 0, err
	}
	c, err := s.prepare(ctx, r, plan)
	if err != nil || c.Pool != 0 {
		return c.Pool, err
	}
	for _, document := range plan.documents {
		if _, err := s.blobs.Put(ctx, document); err != nil {
			return 0, fmt.Errorf("store criteria: %w", err)
		}
	}
	s.documents.add(c.Documents)
	if c.Pool, err = s.poolByKey(ctx, c.Key); err != nil {
		return 0, err
	}
	if c.Pool == 0 {
		if c.Pool, err = s.send(ctx, &c, plan); err != nil {
			return 0, err
		}
	}
	c.Attempted = 0
	if plan.pool.Draw != 0 {
		defer s.draws.add(c.Pool)
	}
	return c.Pool, s.creations.Put(ctx, c.RequestID, c)
}

// prepare reads what an earlier attempt left, or makes the key and remembers
// the request. The key is on disk first.
func (s *Service) prepare(ctx context.Context, r model.PoolRequest, plan plan) (Creation, error) {
	c, err := s.creations.Get(ctx, r.RequestID)
	adopted := c.Digest == [32]byte{} // what was asked for is forgotten, but the pool is there
	if err == nil && !adopted && c.Digest != plan.digest {
		return Creation{}, fmt.Errorf("%w: request id %q was used for another pool", pdx.ErrInvalid, r.RequestID)
	}
	if !errors.Is(err, pdx.ErrNotFound) {
		return c, err
	}
	if err := s.checkBonds(ctx, plan.pool); err != nil {
		return Creation{}, err
	}
	head, err := s.ledger.Head(ctx)
	if err != nil {
		return Creation{}, err
	}
	key, err := s.newKey(ctx, r.RequestID)
	if err != nil {
		return Creation{}, err
	}
	c = Creation{
		RequestID: r.RequestID, Digest: plan.digest, Key: key.Public(),
		Expiry: head.Time.Add(lifeOf(r)).UTC(), Documents: plan.ids,
	}
	return c, s.creations.Put(ctx, c.RequestID, c)
}

// newKey is a stored new key, or the one that a crash left without its creation.
func (s *Service) newKey(ctx context.Context, requestID string) (seal.BuyerKey, error) {
	key, err := s.key(ctx, requestID)
	if !errors.Is(err, pdx.ErrNotFound) {
		return key, err
	}
	key = seal.NewBuyerKey()
	secret := key.Bytes()
	defer clear(secret[:])
	return key, s.secrets.Put(ctx, secretName(requestID), secret[:])
}

func (s *Service) key(ctx context.Context, requestID string) (seal.BuyerKey, error) {
	secret, err := s.secrets.Get(ctx, secretName(requestID))
	if err != nil {
		return seal.BuyerKey{}, err
	}
	defer clear(secret)
	return seal.BuyerKeyFromBytes(secret)
}

// poolByKey is this account's pool with key B, or 0.
func (s *Service) poolByKey(ctx context.Context, key pdx.Element) (pdx.PoolID, error) {
	filter := pdx.PoolFilter{Buyer: s.account, Limit: page}
	for {
		pools, next, err := s.pools.Pools(ctx, filter)
		if err != nil {
			return 0, fmt.Errorf("look for an earlier attempt: %w", err)
		}
		for _, p := range pools {
			if p.Key == key && p.Buyer == s.account {
				return p.ID, nil
			}
		}
		if next == "" {
			return 0, nil
		}
		filter.Cursor = next
	}
}

// send broadcasts the pool, unless an earlier sending may still get into a
// block. That it may is on disk before the first byte leaves.
func (s *Service) send(ctx context.Context, c *Creation, plan plan) (pdx.PoolID, error) {
	pool := plan.pool
	head, err := s.ledger.Head(ctx)
	if err != nil {
		return 0, err
	}
	if settled := c.Attempted + SettleBlocks; c.Attempted != 0 && head.Height <= settled {
		return 0, fmt.Errorf("%w: ask again after block %d", ErrUnsettled, settled)
	}
	key, err := s.key(ctx, c.RequestID)
	if err != nil {
		return 0, err
	}
	pool.Key, pool.Expiry = c.Key, c.Expiry
	if pool.Draw != 0 {
		pool.DrawCommitment = key.DrawChain(seal.DrawLength).Commitment()
	}
	if !plan.allowsDuplicates {
		if err := s.sealTagKeys(ctx, key, &pool); err != nil {
			return 0, err
		}
	}
	if pool.KeyProof, err = key.Prove(attest.PoolKey{ChainID: s.chainID, Buyer: s.account}.Hash()); err != nil {
		return 0, err
	}
	c.Attempted = head.Height
	if err := s.creations.Put(ctx, c.RequestID, *c); err != nil {
		return 0, err
	}
	id, err := s.pools.CreatePool(ctx, pool)
	if err == nil || !refused(err) {
		return id, err
	}
	// A clear no: nothing is under way, and the next call may try at once.
	c.Attempted = 0
	return 0, errors.Join(err, s.creations.Put(ctx, c.RequestID, *c))
}

// refused reports whether a transaction is certain not to get into a block.
func refused(err error) bool {
	return !errors.Is(err, pdx.ErrUnavailable) &&
		(errors.Is(err, pdx.ErrInvalid) || errors.Is(err, pdx.ErrRefused) || errors.Is(err, pdx.ErrNoFunds) || errors.Is(err, pdx.ErrWrongState))
}

// ClosePool ends a pool of this account and returns what was credited back to it, and what
// it costs; or what that would be, if it is a dry run. A pool that has ended already is no error
// and gives nothing.
func (s *Service) ClosePool(ctx context.Context, r model.ClosePool) (model.ClosedPool, error) {
	pool, err := s.pools.Pool(ctx, r.ID)
	switch {
	case err != nil:
		return model.ClosedPool{}, err
	case pool.Buyer != s.account:
		return model.ClosedPool{}, fmt.Errorf("pool %v: %w: only its buyer, %s, can close it", r.ID, pdx.ErrRefused, pool.Buyer)
	case pool.Status != pdx.PoolOpen:
		return model.ClosedPool{}, nil
	}
	closing := model.Closing(pool)
	if r.DryRun {
		return closing, nil
	}
	most := closing.Cost
	if r.MaxCost != nil {
		most = *r.MaxCost
	}
	refund, held, err := s.pools.ClosePool(ctx, r.ID, most)
	if err == nil {
		s.hints.pool(r.ID)
		return model.ClosedPool{Refund: refund, Cost: held, Extra: held - min(held, pool.Escrow)}, nil
	}
	if errors.Is(err, pdx.ErrWrongState) {
		if pool, read := s.pools.Pool(ctx, r.ID); read == nil && pool.Status != pdx.PoolOpen {
			return model.ClosedPool{}, nil
		}
	}
	return model.ClosedPool{}, err
}

// documents are the criteria and schemas of this buyer's pools, which anybody
// may have.
type documents struct {
	mu  sync.RWMutex
	ids map[pdx.ContentID]struct{}
}

func (d *documents) add(ids []pdx.ContentID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids == nil {
		d.ids = map[pdx.ContentID]struct{}{}
	}
	for _, id := range ids {
		d.ids[id] = struct{}{}
	}
}

func (d *documents) all() (ids []pdx.ContentID) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for id := range d.ids {
		ids = append(ids, id)
	}
	return ids
}

// MayPull reports whether anybody may have blob id from this buyer: criteria and
// schemas are public, datasets are not.
func (s *Service) MayPull(_ context.Context, id pdx.ContentID) bool {
	s.documents.mu.RLock()
	defer s.documents.mu.RUnlock()
	_, ok := s.documents.ids[id]
	return ok
}
