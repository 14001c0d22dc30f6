package seller

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// prepared is what a preview read, projected, checked and sealed. The sale of just that takes
// it over, so that from the order on nothing is read again, and what is sold is to the byte
// what was shown.
type prepared struct {
	of    disclosing
	found examined
	dir   string // is removed with it
	timer *time.Timer
}

// disclosing names what a preview and its sale have in common.
type disclosing struct {
	pool        pdx.PoolID
	criteria    pdx.ContentID
	version     int
	data        string
	hash        [32]byte // of the data
	skipInvalid bool
	fields      []string
	resources   []string
}

func disclosingOf(sale model.Sale, d model.Data) disclosing {
	return disclosing{
		sale.Pool, sale.Terms.Criteria, sale.CriteriaVersion, d.ID, d.Hash, sale.SkipInvalid, sale.Fields, sale.Resources,
	}
}

func (a disclosing) equal(b disclosing) bool {
	return a.pool == b.pool && a.criteria == b.criteria && a.version == b.version && a.data == b.data && a.hash == b.hash &&
		a.skipInvalid == b.skipInvalid && slices.Equal(a.fields, b.fields) && slices.Equal(a.resources, b.resources)
}

// prepare keeps what a preview made for a while, or discards it at once.
func (k *sealedDatasets) prepare(p *prepared, keep bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !keep || p.found.sealed == nil || !k.open {
		p.discard()
		return
	}
	p.timer = time.AfterFunc(preparedTime, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.preview == p {
			k.setPreview(nil)
		}
	})
	k.setPreview(p)
}

// setPreview replaces what is kept of the last preview; mu is held.
func (k *sealedDatasets) setPreview(p *prepared) {
	if old := k.preview; old != nil {
		old.timer.Stop()
		old.discard()
	}
	k.preview = p
}

// takePrepared returns what was prepared for a sale, nil if nothing was.
func (k *sealedDatasets) takePrepared(of disclosing) *prepared {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.preview
	if p == nil || !p.of.equal(of) {
		return nil
	}
	p.timer.Stop()
	k.preview = nil
	return p
}

// discard discards it.
func (p *prepared) discard() {
	p.found.sealed.abort()
	_ = os.RemoveAll(p.dir) // else swept at the next start
}

// examinedBefore is what the preview of a sale made, with the copy at path. There is none if
// the data have changed since, or the sale is another one: then it has no path.
func (s *Service) examinedBefore(path string, d model.Data, sale model.Sale) (examined, error) {
	p := s.sealed.takePrepared(disclosingOf(sale, d))
	if p == nil {
		return examined{}, nil
	}
	defer os.RemoveAll(p.dir)
	e := p.found
	if records.Changed(d) {
		e.sealed.abort()
		return examined{}, records.Stale(d)
	}
	if e.copied.Path == d.Path { // all is disclosed, and there is no copy
		return e, nil
	}
	err := durable.Rename(e.copied.Path, path)
	if err == nil {
		e.copied.Path = path
		return e, nil
	}
	e.sealed.abort()
	if errors.Is(err, fs.ErrNotExist) { // somebody removed it: it is made again
		err = nil
	}
	return examined{}, err
}
