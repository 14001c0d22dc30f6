package seller

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// Sell begins a sale, or returns the one of the same fields of the same data in
// the same pool that is under way. It goes on after Sell returns.
//
// Errors: pdx.ErrNotFound for unknown data or pools, pdx.ErrWrongState for a pool
// that takes no offers, ErrChanged, ErrCannotProve, pdx.ErrInvalid for an order
// that the pool or its criteria do not allow.
func (s *Service) Sell(ctx context.Context, o model.Order) (model.Sale, error) {
	sale, err := s.sell(ctx, o)
	if err != nil {
		return model.Sale{}, fmt.Errorf("sell %s into pool %v: %w", o.Data, o.Pool, err)
	}
	return sale, nil
}

func (s *Service) sell(ctx context.Context, o model.Order) (model.Sale, error) {
	s.ordersMu.Lock()
	defer s.ordersMu.Unlock()
	p, err := s.plan(ctx, o)
	if err != nil {
		return model.Sale{}, err
	}
	for _, old := range s.feed.live.Find(p.sale.Pool) {
		if same(old, p.sale) {
			return old, nil
		}
	}
	if err := p.acceptable(); err != nil {
		return model.Sale{}, err
	}
	sale := p.sale
	sale.ID = newID("s")
	sale.Created = time.Now().UTC()
	sale.Updated = sale.Created

	if !s.life.Running() {
		return model.Sale{}, fmt.Errorf("%w: the seller is not running", pdx.ErrWrongState)
	}
	if err := s.sales.Put(ctx, sale.ID, sale); err != nil {
		return model.Sale{}, err
	}
	s.feed.set(sale)
	s.employ(sale)
	return sale, nil
}

// plan is an order with everything that it leaves open filled in.
type plan struct {
	sale model.Sale // in its first state, without id
	data model.Data
	pool pdx.Pool
	doc  *criteria.Document
}

func (s *Service) plan(ctx context.Context, o model.Order) (plan, error) {
	if err := s.canProve(ctx); err != nil {
		return plan{}, err
	}
	data, err := s.findData(ctx, o.Data)
	if err != nil {
		return plan{}, err
	}
	pool, err := s.ledger.Pool(ctx, o.Pool)
	if err != nil {
		return plan{}, err
	}
	doc, err := s.criteriaOf(ctx, pool)
	if err != nil {
		return plan{}, err
	}
	if doc.MediaType != data.MediaType {
		return plan{}, fmt.Errorf("%w: the pool wants %s and the data is %s: if it is that, too, add it again with --media-type", pdx.ErrInvalid,
			doc.MediaType, data.MediaType)
	}
	if o.SkipInvalid && (o.Unchecked || data.IsFolder()) {
		return plan{}, fmt.Errorf("%w: records are left out of checked files only, not of a folder, and not unchecked", pdx.ErrInvalid)
	}
	if o.Fields, err = fieldsOf(o, doc); err != nil {
		return plan{}, err
	}
	if len(o.Validators) == 0 {
		o.Validators = pool.Validators
	}
	sale := model.Sale{
		Pool: pool.ID, Data: data.ID, Fields: sorted(o.Fields), Agreed: sorted(o.Agreed), Validators: sorted(o.Validators),
		Unchecked: o.Unchecked, Unlisted: o.Unlisted, SkipInvalid: o.SkipInvalid, Skipped: o.Skipped,
		Terms: termsOf(
			pool,
		), Text: &model.PoolText{Title: pool.Title, MediaType: pool.MediaType, Terms: pool.Terms},
		CriteriaVersion: doc.Version, State: model.SaleProjecting,
	}
	ofPool := slices.DeleteFunc(slices.Clone(sale.Validators), func(v pdx.Address) bool { return !slices.Contains(pool.Validators, v) })
	if sale.Resources, err = s.resourcesOf(ctx, pool, doc, sale.Fields); err != nil {
		return plan{}, err
	}
	if sale.MaxCommission, sale.MaxDeposit, err = s.charges(ctx, pool, sale.Fields, ofPool); err != nil {
		return plan{}, err
	}
	if o.MaxDeposit != nil && sale.MaxDeposit > *o.MaxDeposit {
		return plan{}, fmt.Errorf("%w: the deposit is %s now, and %s was agreed to: look at the sale again", pdx.ErrWrongState,
			sale.MaxDeposit.MED(), o.MaxDeposit.MED())
	}
	return plan{sale, data, pool, doc}, doc.CheckFields(sale.Fields)
}

// resourcesOf are the types of FHIR resources that the criteria allow; nil where the format
// has none, for which no schema is fetched.
func (s *Service) resourcesOf(ctx context.Context, pool pdx.Pool, doc *criteria.Document, fields []string) ([]string, error) {
	f, err := s.formats.Get(doc.MediaType)
	if err != nil {
		return nil, err
	}
	if _, splits := f.(format.Splitter); !splits {
		return nil, nil
	}
	if err := doc.CheckFields(fields); err != nil {
		return nil, err
	}
	checker, err := s.checker(ctx, pool, doc, fields)
	if err != nil {
		return nil, err
	}
	defer checker.Close()
	return checker.Resources(), nil
}

// fieldsOf are the fields that an order discloses: those that it names, else what the
// criteria require, and what they also ask for only if the order says so.
func fieldsOf(o model.Order, doc *criteria.Document) ([]string, error) {
	switch required := doc.Required(); {
	case len(o.Fields) > 0 && o.Optional:
		return nil, fmt.Errorf("%w: fields are named and optional ones wanted: name all fields, or none", pdx.ErrInvalid)
	case len(o.Fields) > 0:
		return o.Fields, nil
	case o.Optional:
		return doc.Pointers(), nil
	case len(required) == 0:
		return nil, fmt.Errorf("%w: the criteria require no field: name the fields to disclose, or disclose all optional ones", pdx.ErrInvalid)
	default:
		return required, nil
	}
}

// withheld are the fields that the criteria ask for and that the sale does not
// disclose, not even in part.
func (p plan) withheld() (list []string) {
	for _, pointer := range p.doc.Pointers() {
		if !slices.ContainsFunc(p.sale.Fields, func(field string) bool {
			return field == pointer || strings.HasPrefix(field, pointer+"/")
		}) {
			list = append(list, pointer)
		}
	}
	return list
}

// sorted is in one order and without repetitions, so that the same order reads
// the same.
func sorted[E interface {
	~string | ~uint32
}](list []E) []E {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// acceptable refuses what the chain would refuse, before any work is done.
func (p plan) acceptable() error {
	if p.pool.Status != pdx.PoolOpen {
		return fmt.Errorf("%w: the pool is %s", pdx.ErrWrongState, p.pool.Status)
	}
	if records.Changed(p.data) {
		return records.Stale(p.data)
	}
	for _, v := range p.sale.Validators {
		if !slices.Contains(p.pool.Validators, v) {
			return fmt.Errorf("%w: %s is not a validator of the pool", pdx.ErrInvalid, v)
		}
	}
	if len(p.sale.Validators) < int(p.pool.Certificates) {
		return fmt.Errorf("%w: the pool requires %s: accept at least %s", pdx.ErrInvalid,
			message.Count(p.pool.Certificates, "certificate"), message.Count(p.pool.Certificates, "validator"))
	}
	if p.pool.Draw != 0 && len(p.sale.Validators) != len(p.pool.Validators) {
		return fmt.Errorf("%w: the pool selects %s at random: accept all %d of its validators, or sell into another pool",
			pdx.ErrInvalid, message.Count(p.pool.Draw, "validator"), len(p.pool.Validators))
	}
	return p.agreed()
}

func (p plan) agreed() error {
	for _, term := range p.pool.Terms {
		if term.Required && !slices.Contains(p.sale.Agreed, term.ID) {
			return fmt.Errorf("%w: term %d (%s) must be agreed to", pdx.ErrInvalid, term.ID, term.Title)
		}
	}
	for _, id := range p.sale.Agreed {
		if !slices.ContainsFunc(p.pool.Terms, func(t pdx.Term) bool { return t.ID == id }) {
			return fmt.Errorf("%w: the pool has no term %d", pdx.ErrInvalid, id)
		}
	}
	return nil
}
