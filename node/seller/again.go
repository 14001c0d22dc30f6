package seller

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// againBlobs are ciphertexts of deals that are final, made again for the buyers who paid.
type againBlobs struct {
	mu sync.Mutex
	of map[pdx.ContentID]*againBlob
}

// againBlob is one of them; its fields are guarded by the mutex of againBlobs.
type againBlob struct {
	made bool
	err  error     // why it cannot be made
	used time.Time // last, by its buyer
}

var (
	// errMaking: the ciphertext is being made; the buyer asks again.
	errMaking = fmt.Errorf("%w: the ciphertext is being made again", pdx.ErrUnavailable)
	// errUnkept: what was sold is not here any more.
	errUnkept = fmt.Errorf("%w: the data that was sold is not kept here any more", pdx.ErrRefused)
)

// serveAgain is nil if the ciphertext of a final deal can be served to its buyer, who
// lost what was bought. If it is gone, which it is as a rule, it is made again out of the
// data that was sold, kept for as long as it is asked for, and deleted.
func (s *Service) serveAgain(sale model.Sale) error {
	if !sale.Settled {
		return errMaking // its end is not recorded yet
	}
	root := sale.Dataset.Root
	s.second.mu.Lock()
	defer s.second.mu.Unlock()
	if v := s.second.of[root]; v != nil {
		v.used = time.Now()
		switch {
		case v.made:
			return nil
		case v.err != nil:
			return v.err
		}
		return errMaking
	}
	if len(s.second.of) >= maxServings {
		return fmt.Errorf("%w: the ciphertexts of %d finished deals are served already", pdx.ErrUnavailable, maxServings)
	}
	v := &againBlob{used: time.Now()}
	if s.life.Go(func(ctx context.Context) { s.makeAgain(ctx, sale, v) }) {
		if s.second.of == nil {
			s.second.of = map[pdx.ContentID]*againBlob{}
		}
		s.second.of[root] = v
	}
	return errMaking
}

// makeAgain makes a ciphertext, and deletes it when it has not been used for a while. One
// that a crash leaves behind is swept, because its sale is settled.
func (s *Service) makeAgain(ctx context.Context, sale model.Sale, v *againBlob) {
	root, keep := sale.Dataset.Root, againKept
	err := s.sealForBuyer(ctx, sale)
	s.second.mu.Lock()
	if v.made = err == nil; !v.made {
		v.err, keep = fmt.Errorf("%w: %v", pdx.ErrUnavailable, err), againRetry
	}
	if errors.Is(err, errUnkept) {
		v.err = errUnkept
	}
	s.second.mu.Unlock()
	s.log.InfoContext(ctx, "a buyer who paid pulls again", slog.Uint64("deal_id", uint64(sale.Deal)), slog.Any("error", err))
	for rest := keep; rest > 0; {
		select {
		case <-time.After(rest):
		case <-ctx.Done():
			return
		}
		s.second.mu.Lock()
		if v.made {
			rest = keep - time.Since(v.used)
		} else {
			rest = 0
		}
		if rest <= 0 {
			delete(s.second.of, root)
		}
		s.second.mu.Unlock()
	}
	if err := s.letGo(ctx, sale); err != nil {
		s.log.WarnContext(ctx, "a ciphertext that was served again stays until the next start", slog.Any("error", err))
	}
}

// sealForBuyer makes the ciphertext of a finished sale out of what is left of its records,
// or else of the data that they were disclosed from. errUnkept if neither is here.
func (s *Service) sealForBuyer(ctx context.Context, sale model.Sale) error {
	if sale.Disclosed != "" {
		err := s.sealAgain(ctx, sale)
		if err == nil || !goneOrChanged(err) {
			return err
		}
	}
	d, err := s.data.Get(ctx, sale.Data)
	if errors.Is(err, pdx.ErrNotFound) || err == nil && records.Changed(d) {
		return errUnkept
	}
	if err != nil {
		return err
	}
	if err = s.sealProjected(ctx, sale, d); goneOrChanged(err) {
		return fmt.Errorf("%w (%v)", errUnkept, err)
	}
	return err
}

func goneOrChanged(err error) bool {
	return errors.Is(err, ErrSource) || errors.Is(err, records.ErrChanged) || errors.Is(err, pdx.ErrNotFound) || errors.Is(err, fs.ErrNotExist)
}

// sealProjected discloses data once more as the sale did, for as long as it is sealed.
func (s *Service) sealProjected(ctx context.Context, sale model.Sale, d model.Data) error {
	leave, err := s.enterHeavy(ctx)
	if err != nil {
		return err
	}
	defer leave()
	dir, err := os.MkdirTemp(s.folder, records.TempPrefix) // swept at the next start
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	copied, err := s.project(ctx, filepath.Join(dir, "records"+s.endingOf(d)), d, sale, records.NewMeter(nil))
	if err != nil {
		return err
	}
	sale.Disclosed = copied.Path
	blob, err := s.blobs.Create(ctx) // with its bytes: the copy goes
	if err != nil {
		return err
	}
	return s.remake(ctx, sale, blob)
}

// endingOf ends the name of what data discloses; nothing for a folder.
func (s *Service) endingOf(d model.Data) string {
	if f, err := s.formats.Get(d.MediaType); err == nil {
		if file, ok := f.(format.File); ok {
			return file.Extensions()[0]
		}
	}
	return ""
}

// Bounds of what is made again for buyers of finished deals.
const (
	// maxServings bounds how many ciphertexts are kept at once, and so their space.
	maxServings = 4
	// againKept is how long one is kept after its buyer last asked: a home line that
	// redials is back by then.
	againKept = 30 * time.Minute
	// againRetry is how long a failure is remembered: making one costs a core.
	againRetry = time.Minute
)
