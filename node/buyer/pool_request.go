package buyer

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/model"
)

// maxOverlap is all records, in parts per million.
const maxOverlap = 1_000_000

func lifeOf(r model.PoolRequest) time.Duration {
	if r.Life == 0 {
		return defaultLife
	}
	return r.Life
}

// plan is a request that holds together.
type plan struct {
	pool      pdx.NewPool // without key and expiry
	documents [][]byte    // criteria and schemas
	// allowsDuplicates takes data that the pool bought before.
	allowsDuplicates bool
	ids              []pdx.ContentID
	digest           [32]byte
}

// planOf checks a request before any money moves.
func planOf(r model.PoolRequest, formats *format.Registry) (plan, error) {
	doc, err := criteria.Parse(r.Criteria)
	if err != nil {
		return plan{}, err
	}
	if err := checkTerms(r); err != nil {
		return plan{}, fmt.Errorf("%w: %w", pdx.ErrInvalid, err)
	}
	if len(r.Schemas) > maxSchemas {
		return plan{}, fmt.Errorf("%w: %d schemas; at most %d are taken", pdx.ErrInvalid, len(r.Schemas), maxSchemas)
	}
	// A checker that compiles here compiles on every validator: it needs nothing else.
	if _, err := criteria.NewChecker(doc, criteria.Bundle(r.Schemas...), criteria.WithFormats(formats), criteria.ForNewPool()); err != nil {
		return plan{}, fmt.Errorf("criteria: %w", err)
	}
	if want := doc.MaxOverlapPPM; want != nil && (r.AllowDuplicates || uint64(r.MaxOverlap) != uint64(*want)) {
		return plan{}, fmt.Errorf("%w: the criteria want max_overlap_ppm %d: the pool must refuse duplicates beyond that", pdx.ErrInvalid, *want)
	}
	title := r.Title
	if title == "" {
		title = doc.Title
	}
	p := plan{
		pool: pdx.NewPool{
			Title: title, MediaType: doc.MediaType, Price: r.Price, TargetCount: r.TargetCount,
			Criteria: criteria.IDOf(r.Criteria), Certificates: r.Certificates,
			Validators: r.Validators, Terms: r.Terms, Deadlines: r.Deadlines,
			Draw: r.Draw, AckMode: r.AckMode, MaxDataset: r.MaxDataset, MaxOverlap: r.MaxOverlap,
		},
		allowsDuplicates: r.AllowDuplicates,
		documents:        append([][]byte{r.Criteria}, r.Schemas...),
	}
	if r.Reward != nil {
		p.pool.Reward = *r.Reward
	}
	for _, document := range p.documents {
		p.ids = append(p.ids, criteria.IDOf(document))
	}
	// What the request leaves open is no part of it, so that homes of older programs can
	// repeat theirs.
	p.digest, err = p.hash(r.Life)
	if r.Reward == nil {
		p.pool.Reward = model.DefaultReward(r.Price, verdictsOf(r))
	}
	return p, err
}

// verdictsOf is how many verdicts a deal of the pool can have.
func verdictsOf(r model.PoolRequest) uint64 {
	return pdx.Pool{Draw: r.Draw, Validators: r.Validators}.Verdicts()
}

func checkTerms(r model.PoolRequest) error {
	switch {
	case r.RequestID == "" || len(r.RequestID) > maxRequestID:
		return fmt.Errorf("a request id of 1 to %d bytes is needed", maxRequestID)
	case r.Price == 0:
		return errors.New("the price is 0 MED: it must be higher")
	case r.TargetCount == 0:
		return errors.New("the number of datasets is 0: it must be at least 1")
	case r.Life < 0:
		return errors.New("the pool would end before it begins")
	case r.Certificates == 0 || int(r.Certificates) > len(r.Validators):
		return fmt.Errorf("k is %d, the number of validators that must accept: it must be from 1 to the %s given", r.Certificates,
			message.Count(len(r.Validators), "validator"))
	case r.Draw != 0 && (r.Draw < r.Certificates || int(r.Draw) > len(r.Validators)):
		return fmt.Errorf("%d of %s would be selected for each deal:"+
			" select at least as many as must accept, %d, and at most all",
			r.Draw, message.Count(len(r.Validators), "validator"), r.Certificates)
	case r.MaxOverlap > maxOverlap:
		return fmt.Errorf("%d records in a million may be duplicates: at most all", r.MaxOverlap)
	case r.AllowDuplicates && r.MaxOverlap != 0:
		return errors.New("duplicates are allowed and bounded: choose one")
	case r.AckMode != "" && r.AckMode != pdx.AckBuyer && r.AckMode != pdx.AckQuorum:
		return fmt.Errorf("ack mode %q: there are %s and %s", r.AckMode, pdx.AckBuyer, pdx.AckQuorum)
	}
	if _, err := r.Price.Times(r.TargetCount); err != nil {
		return err
	}
	if r.Reward != nil {
		if all, err := r.Reward.Times(verdictsOf(r)); err != nil || all > r.Price {
			return fmt.Errorf("the price, %s, does not pay %s of %s each", r.Price.MED(), message.Count(verdictsOf(r), "verdict"), r.Reward.MED())
		}
	}
	if named := slices.Compact(slices.Sorted(slices.Values(r.Validators))); len(named) != len(r.Validators) {
		return errors.New("a validator is named twice: name each once")
	}
	ids := make(map[uint32]bool)
	for _, t := range r.Terms {
		if ids[t.ID] {
			return fmt.Errorf("term %d occurs twice: give each term its own id", t.ID)
		}
		ids[t.ID] = true
	}
	return nil
}

// hash is over everything that makes the pool what it is.
func (p plan) hash(life time.Duration) ([32]byte, error) {
	duplicates := ""
	if p.allowsDuplicates {
		duplicates = "allowed"
	}
	raw, err := json.Marshal(struct {
		Pool      pdx.NewPool
		Documents []pdx.ContentID
		Life      time.Duration
		// Duplicates is "allowed", or empty.
		Duplicates string `json:",omitempty"`
	}{p.pool, p.ids, life, duplicates})
	return sha256.Sum256(raw), err
}
