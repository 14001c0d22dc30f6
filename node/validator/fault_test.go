package validator_test

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

func TestLostAnswerToACertificate(t *testing.T) {
	w := newWorld(t)
	req := w.offer(1, patients(3))
	w.fail = func(point string) error {
		if point == "-certify" {
			return pdx.ErrUnavailable
		}
		return nil
	}
	v, err := w.start().Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.True(t, v.Accepted)
	require.Equal(t, 1, w.certs)
}

func TestOwnFaultsNeverReject(t *testing.T) {
	full := &pathError{syscall.ENOSPC}
	for name, c := range map[string]struct {
		point  string
		err    error
		breaks func(*world)
	}{
		"disk full while pulling":   {point: "+fetch", err: full},
		"disk unreadable":           {point: "+open", err: errors.New("input/output error")},
		"disk says corrupt":         {point: "+open", err: pdx.ErrCorrupt},
		"records cannot be written": {point: "+vault put", err: full},
		"records cannot be read":    {point: "+vault get", err: errors.New("locked")},
		"chain does not answer":     {point: "+deal", err: pdx.ErrUnavailable},
		"certificate not sent":      {point: "+certify", err: pdx.ErrUnavailable},
		"no money for the fee":      {point: "+certify", err: pdx.ErrNoFunds},
		"seller does not serve":     {breaks: func(w *world) { clear(w.remote[seller]) }},
		"buyer does not serve":      {breaks: func(w *world) { clear(w.remote[buyer]) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			req := w.offer(1, patients(3))
			kept := map[pdx.Address]map[pdx.ContentID][]byte{}
			for who, blobs := range w.remote {
				kept[who] = map[pdx.ContentID][]byte{}
				for id, raw := range blobs {
					kept[who][id] = raw
				}
			}
			s := w.start()
			w.edit(func() {
				if c.breaks != nil {
					c.breaks(w)
				}
				w.fail = func(point string) error {
					if point == c.point {
						return c.err
					}
					return nil
				}
			})
			_, err := s.Validate(t.Context(), req, quiet)
			require.Error(t, err)
			require.True(t, validator.Retry(err), "%v", err)
			require.NotContains(t, err.Error(), "secret/path", "the asker learns this machine's paths")
			require.Zero(t, w.certs)

			w.edit(func() { w.fail, w.remote = nil, kept })
			v, err := s.Validate(t.Context(), req, quiet)
			require.NoError(t, err)
			require.True(t, v.Accepted)
		})
	}
}

type pathError struct{ err error }

func (e *pathError) Error() string { return "write /secret/path: " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

func TestRottenDiskIsNotTheSellers(t *testing.T) {
	w := newWorld(t)
	req := w.offer(1, patients(3))
	s := w.start()
	root := w.deal(1).Dataset.Root
	rot := slices.Clone(w.remote[seller][root])
	rot[5] ^= 1
	w.stored[root] = rot
	_, err := s.Validate(t.Context(), req, quiet)
	require.True(t, validator.Retry(err), "%v", err)
	require.Zero(t, w.certs)
	require.False(t, w.has(root))
	v, err := s.Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.True(t, v.Accepted)
}

func TestUnusableCriteriaAreNotTheSellers(t *testing.T) {
	for _, raw := range []string{
		"{}",
		strings.Replace(string(wantPatients), `"type": "object"`, `"type": 7`, 1),
		strings.Replace(string(wantPatients), `"schema": {`, `"schema": {"$ref": "http://example.com/x", `, 1),
	} {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		d := w.deal(1)
		d.Criteria = rootOf([]byte(raw))
		w.remote[buyer][d.Criteria] = []byte(raw)
		w.set(d)
		_, err := w.start().Validate(t.Context(), req, quiet)
		require.Error(t, err)
		require.False(t, validator.Retry(err), "%v", err)
		require.Zero(t, w.certs)
	}
}
