package validator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/jail"
)

// rules are a pool's criteria for the fields that a deal discloses, ready to
// check one dataset at a time.
type rules struct {
	id        pdx.ContentID
	fields    []string
	documents []pdx.ContentID // the criteria and the schemas they name
	sizes     []uint64        // of documents, in bytes
	checker   criteria.DatasetChecker
	atOffsets bool // the format of its data may read backward
}

// cache holds rules that nobody uses at the moment, the latest first. Two
// validations for one pool at once compile two.
type cache struct {
	most int
	mu   sync.Mutex
	idle []rules
}

func newCache(most int) *cache { return &cache{most: most} }

func (c *cache) take(id pdx.ContentID, fields []string) (rules, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.idle, func(r rules) bool { return r.id == id && slices.Equal(r.fields, fields) })
	if i < 0 {
		return rules{}, false
	}
	r := c.idle[i]
	c.idle = slices.Delete(c.idle, i, i+1)
	return r, true
}

func (c *cache) give(r rules) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = slices.Insert(c.idle, 0, r)
	if len(c.idle) > c.most {
		for _, r := range c.idle[c.most:] {
			r.checker.Close()
		}
		c.idle = slices.Delete(c.idle, c.most, len(c.idle))
	}
}

// rules are the criteria of a deal: from memory, from the store, or from the
// pool's buyer. The seller's part in them are the fields it offered alone: when
// they are not the ones asked for, the error is criteria.ErrFields.
//
// The record names each document before it is fetched, so that whatever becomes of the
// check, the documents go with the deal.
func (s *Service) rules(ctx context.Context, deal pdx.Deal, record *Record) (rules, error) {
	if r, ok := s.criteria.take(deal.Criteria, deal.Fields); ok {
		for i, id := range r.documents {
			*record = record.withDocument(id, r.sizes[i])
		}
		return r, nil
	}
	r := rules{id: deal.Criteria, fields: deal.Fields}
	load := func(id pdx.ContentID) ([]byte, error) {
		raw, err := s.document(ctx, deal, id, record)
		if err == nil {
			*record = record.withDocument(id, uint64(len(raw)))
			r.documents, r.sizes = append(r.documents, id), append(r.sizes, uint64(len(raw)))
		}
		return raw, err
	}
	raw, err := load(deal.Criteria)
	if err != nil {
		return rules{}, err
	}
	doc, err := criteria.Parse(raw)
	if err != nil {
		return rules{}, noVerdict("the pool's criteria are not a criteria document", err)
	}
	err = guard(func() (err error) {
		r.checker, err = s.engine.Checker(ctx, doc, load, deal.Fields)
		return err
	})
	if err != nil {
		return rules{}, rulesFault(err)
	}
	f, err := s.formats.Get(doc.MediaType)
	if err != nil {
		return rules{}, rulesFault(fmt.Errorf("%w: %w", criteria.ErrDocument, err))
	}
	r.atOffsets = format.AtOffsets(f)
	return r, nil
}

func rulesFault(err error) error {
	var known *fault
	switch {
	case errors.Is(err, criteria.ErrFields):
		return err
	case errors.As(err, &known):
		return known
	case errors.As(err, new(*jail.Error)):
		return cannotJudge(err)
	case errors.Is(err, pdx.ErrUnavailable):
		return ownFault("this validator could not read the pool's criteria", err)
	case errors.Is(err, criteria.ErrDocument):
		return noVerdict("this validator does not know the format of the pool's data", err)
	default:
		return noVerdict("the schema of the pool's criteria cannot be used", err)
	}
}

// document is a small blob of the pool's buyer, verified against its id.
func (s *Service) document(ctx context.Context, deal pdx.Deal, id pdx.ContentID, record *Record) ([]byte, error) {
	raw, err := s.stored(ctx, id)
	if err == nil {
		return raw, nil
	}
	if !errors.Is(err, pdx.ErrNotFound) {
		return nil, ownFault("this validator cannot read its blobs", err)
	}
	release, err := s.roots.Take(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	done, err := s.records.expect(s.maxDocuments)
	if err != nil {
		return nil, err
	}
	defer done()
	*record = record.withDocument(id, 0)
	if err := s.put(ctx, *record); err != nil {
		return nil, err
	}
	from := Source{Account: deal.Buyer, Pool: deal.Pool, Role: pdx.RoleBuyer}
	if err := s.fetcher.Fetch(ctx, from, id, 0, func(uint64, uint64) {}); err != nil {
		return nil, fetchFault("the pool's criteria", "the buyer", err)
	}
	if raw, err = s.stored(ctx, id); err != nil {
		return nil, ownFault("this validator cannot read its blobs", err)
	}
	return raw, nil
}

// stored reads a document from the store. One that rotted there is thrown away and
// reads as not found, so that it is fetched again.
func (s *Service) stored(ctx context.Context, id pdx.ContentID) ([]byte, error) {
	blob, err := s.blobs.Open(ctx, id)
	if errors.Is(err, pdx.ErrCorrupt) {
		return nil, s.rotten(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	raw, err := io.ReadAll(io.LimitReader(blob, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("read document %v: %w", id, err)
	}
	if len(raw) > maxDocument {
		return nil, noVerdict("the pool's criteria are too large", fmt.Errorf("%v has more than %d bytes", id, maxDocument))
	}
	if criteria.IDOf(raw) != id {
		return nil, s.rotten(ctx, id)
	}
	return raw, nil
}

// rotten throws a damaged blob away; it is then pdx.ErrNotFound.
func (s *Service) rotten(ctx context.Context, id pdx.ContentID) error {
	if err := s.blobs.Discard(ctx, id); err != nil {
		return err
	}
	return fmt.Errorf("damaged blob %v: %w", id, pdx.ErrNotFound)
}
