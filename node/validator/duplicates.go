package validator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/node/recordsets"
)

// A check of unique keys and a record set are bounded alike.
const _ = uint(dedup.MaxFingerprints-criteria.MaxUniqueKeys) + uint(criteria.MaxUniqueKeys-dedup.MaxFingerprints)

// matching is what a check needs to recognise records; zero in a pool that takes duplicates.
type matching struct {
	key       dedup.Key
	pool      pdx.Pool
	collector *dedup.Collector
}

// keys is where a check writes the keys of records; nil if nobody wants them.
func (m matching) keys() criteria.Keys {
	if m.collector == nil {
		return nil
	}
	return m.collector
}

// matching opens the tag key of the deal's pool. The commitment in the proven deal says which
// key is true, whatever an endpoint shows.
func (s *Service) matching(ctx context.Context, deal pdx.Deal) (m matching, err error) {
	if !deal.RefusesDuplicates() {
		return m, nil
	}
	if m.pool, err = s.ledger.Pool(ctx, deal.Pool); err != nil {
		return m, ownFault("this validator cannot read the chain now", err)
	}
	sealed, err := s.ledger.TagKeys(ctx, deal.Pool)
	if err != nil {
		return m, ownFault("this validator cannot read the chain now", err)
	}
	i := slices.Index(m.pool.Validators, s.account)
	if i < 0 || i >= len(sealed) {
		return m, ownFault("this validator cannot read the pool's tag key now", pdx.ErrCorrupt)
	}
	recipients, err := s.recipients(ctx)
	if err != nil {
		return m, ownFault("this validator cannot read its keys", err)
	}
	if m.key, err = s.openTagKey(recipients, deal, sealed[i]); err != nil {
		return m, missing("the pool's tag key does not open for this validator", err)
	}
	if m.collector, err = m.key.NewCollector(); err != nil {
		return m, ownFault("this validator cannot compare records", err)
	}
	return m, nil
}

// openTagKey opens a tag key with the present key pair, or with a former one: the pool may be older
// than the present one.
func (s *Service) openTagKey(recipients []dedup.Recipient, deal pdx.Deal, sealed []byte) (key dedup.Key, first error) {
	of := dedup.Pool{ChainID: s.chainID, BuyerKey: deal.BuyerKey}
	for _, r := range recipients {
		key, err := r.Open(of, s.account, sealed, deal.TagCommitment)
		if err == nil {
			return key, nil
		}
		if first == nil {
			first = err
		}
	}
	return dedup.Key{}, first
}

// match adds to an accept what the pool bought before: the record set, or a rejection if
// too many records are among them.
func (s *Service) match(ctx context.Context, deal pdx.Deal, m matching, found judgement) (judgement, error) {
	if m.collector == nil || !found.report.OK() || found.report.Reason != 0 {
		return found, nil
	}
	set := m.collector.Set()
	share, compared, err := s.overlap(ctx, deal, m, set)
	if err != nil {
		return judgement{}, err
	}
	if share.Exceeds(deal.MaxOverlap) {
		found.report = blameDuplicate(deal, share)
		return found, nil
	}
	found.compared = compared
	found.set, err = s.keepSet(ctx, m, set)
	return found, err
}

// keepSet stores the sealed set, to serve it to the pool's validators.
func (s *Service) keepSet(ctx context.Context, m matching, set dedup.Set) (pdx.RecordSet, error) {
	var sealed bytes.Buffer
	if err := set.Seal(&sealed, m.key); err != nil {
		return pdx.RecordSet{}, ownFault("this validator cannot seal the record set", err)
	}
	kept := pdx.RecordSet{Tag: set.Tag(), Root: criteria.IDOf(sealed.Bytes()), Size: uint64(sealed.Len())}
	if err := s.expectSet(ctx, m.pool, kept); err != nil {
		return pdx.RecordSet{}, err
	}
	if _, err := s.blobs.Put(ctx, sealed.Bytes()); err != nil {
		return pdx.RecordSet{}, ownFault("this validator cannot store the record set", err)
	}
	return kept, nil
}

func (s *Service) expectSet(ctx context.Context, pool pdx.Pool, set pdx.RecordSet) error {
	err := s.sets.Add(
		ctx,
		recordsets.Record{Root: set.Root, Size: set.Size, Pool: pool.ID, Readers: append(slices.Clone(pool.Validators), pool.Buyer)},
	)
	switch {
	case errors.Is(err, recordsets.ErrFull):
		return ErrNoRoom
	case err != nil:
		return ownFault("this validator cannot write which record sets it keeps", err)
	}
	return nil
}

// overlap is how much of a set the pool bought before, and the hash of what it was compared
// with. An endpoint may show a deal as bought that is not any more: what a rejection rests
// on is proven.
func (s *Service) overlap(ctx context.Context, deal pdx.Deal, m matching, set dedup.Set) (dedup.Share, [32]byte, error) {
	list, err := s.earlierThan(ctx, deal)
	if err != nil {
		return dedup.Share{}, [32]byte{}, err
	}
	compared := hashOf(list)
	for {
		overlap, gone := dedup.NewOverlap(set), -1
		for i, e := range list {
			shared, err := s.addSet(ctx, m, e, overlap)
			if err != nil {
				return dedup.Share{}, compared, err
			}
			if shared > 0 {
				if still, err := s.stillBought(ctx, e); err != nil {
					return dedup.Share{}, compared, err
				} else if !still {
					gone = i
					break
				}
			}
		}
		if gone < 0 {
			return overlap.Share(), compared, nil
		}
		list = slices.Delete(slices.Clone(list), gone, gone+1)
	}
}

func (s *Service) stillBought(ctx context.Context, e earlier) (bool, error) {
	d, err := s.proven(ctx, e.deal)
	return err == nil && d.Bought() && d.RecordSet() == e.set, err
}

// addSet compares with one earlier set. One that does not open is no set: most of those who
// certified that dataset lied, and later sellers are not to suffer for it.
func (s *Service) addSet(ctx context.Context, m matching, e earlier, to *dedup.Overlap) (shared int, err error) {
	blob, err := s.openSet(ctx, m, e)
	if err != nil {
		return 0, err
	}
	defer blob.Close()
	stored := &source{ctx: ctx, r: blob, step: func(uint64) {}}
	r, err := dedup.OpenSet(m.key, e.set.Tag, stored)
	if err != nil {
		return 0, ownFault("this validator cannot compare records", err)
	}
	shared, err = to.Add(r)
	switch {
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	case errors.Is(err, pdx.ErrCorrupt):
		if err := s.confirm(ctx, e.set.Root); err != nil {
			return 0, err
		}
		s.log.LogAttrs(ctx, slog.LevelWarn, "the record set of a deal does not open; its validators lied",
			slog.Uint64("deal_id", uint64(e.deal)), slog.Any("error", err))
		return 0, nil
	case err != nil:
		return 0, ownFault("this validator cannot read a record set it stored", err)
	}
	return shared, nil
}

// openSet opens an earlier set, which is fetched if it is not here: from those who certified
// it, from any other validator of the pool, who may have compared with it, or else from the
// pool's buyer.
func (s *Service) openSet(ctx context.Context, m matching, e earlier) (io.ReadCloser, error) {
	release, err := s.roots.Take(ctx, e.set.Root)
	if err != nil {
		return nil, err
	}
	defer release()
	blob, err := s.blobs.Open(ctx, e.set.Root)
	if err == nil {
		return blob, nil
	}
	if errors.Is(err, pdx.ErrCorrupt) {
		err = s.rotten(ctx, e.set.Root)
	}
	if !errors.Is(err, pdx.ErrNotFound) {
		return nil, ownFault("this validator cannot read its blobs", err)
	}
	if !dedup.ValidSize(e.set.Size) {
		return nil, missing("the record set of an earlier dataset has an impossible size", pdx.ErrCorrupt)
	}
	if err := s.expectSet(ctx, m.pool, e.set); err != nil {
		return nil, err
	}
	if err := s.fetchSet(ctx, m.pool, e); err != nil {
		return nil, err
	}
	if blob, err = s.blobs.Open(ctx, e.set.Root); err != nil {
		return nil, ownFault("this validator cannot read its blobs", err)
	}
	return blob, nil
}

func (s *Service) fetchSet(ctx context.Context, pool pdx.Pool, e earlier) (failed error) {
	others := slices.DeleteFunc(slices.Clone(pool.Validators), func(a pdx.Address) bool { return slices.Contains(e.holders, a) })
	for _, holder := range append(slices.Concat(e.holders, others), pool.Buyer) {
		if holder == s.account || ctx.Err() != nil {
			continue
		}
		one, cancel := context.WithTimeout(ctx, setPatience)
		from := Source{Account: holder, Pool: pool.ID, Role: pdx.RoleValidator}
		if holder == pool.Buyer {
			from.Role = pdx.RoleBuyer
		}
		err := s.fetcher.Fetch(one, from, e.set.Root, e.set.Size, func(uint64, uint64) {})
		late := one.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil {
			return nil
		}
		if late {
			err = fmt.Errorf("%w: %s is too slow", pdx.ErrUnavailable, holder)
		}
		failed = errors.Join(failed, err)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return missingSet(e, noHolder(failed))
}

// noHolder is why no holder gave a set: nobody could be asked if there was no error.
func noHolder(err error) error {
	if err == nil {
		return fmt.Errorf("%w: neither another validator nor the buyer has it", pdx.ErrNotFound)
	}
	return err
}

// recheck compares an accept again before it is sent, if the pool bought something since.
func (s *Service) recheck(ctx context.Context, deal pdx.Deal, record Record) (Record, error) {
	if record.Set.IsZero() || !record.Verdict.Accepted || s.certificate(deal) != nil {
		return record, nil
	}
	list, err := s.earlierThan(ctx, deal)
	if err != nil || hashOf(list) == record.Compared {
		return record, err
	}
	m, err := s.matching(ctx, deal)
	if err != nil {
		return record, err
	}
	set, err := s.ownSet(ctx, m, record.Set)
	if err != nil {
		return record, err
	}
	share, compared, err := s.overlap(ctx, deal, m, set)
	if err != nil {
		return record, err
	}
	record.Compared = compared
	if share.Exceeds(deal.MaxOverlap) {
		v := s.verdictOf(deal.ID, judgement{report: blameDuplicate(deal, share), digest: record.Digest})
		record.Verdict, record.Set = &v, pdx.RecordSet{}
	}
	return record, s.put(ctx, record)
}

func (s *Service) ownSet(ctx context.Context, m matching, set pdx.RecordSet) (dedup.Set, error) {
	blob, err := s.blobs.Open(ctx, set.Root)
	if err != nil {
		return dedup.Set{}, ownFault("this validator cannot read the record set it made", err)
	}
	defer blob.Close()
	own, err := dedup.ReadSet(m.key, set.Tag, &source{ctx: ctx, r: blob, step: func(uint64) {}})
	if err != nil {
		return own, ownFault("this validator cannot read the record set it made", err)
	}
	return own, nil
}
