package validator_test

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/node/validator"
)

// halves stores a ciphertext when somebody has read the first half of it.
type halves struct {
	*world
	fail atomic.Bool // instead of storing it
}

func (h *halves) Follow(
	ctx context.Context, from validator.Source, id pdx.ContentID, size uint64, progress func(held, total uint64), read func(io.Reader),
) error {
	raw := h.remote[from.Account][id]
	got, come := io.Pipe()
	over := make(chan struct{})
	go func() {
		defer close(over)
		read(got)
		got.CloseWithError(io.ErrClosedPipe)
	}()
	_, err := io.Copy(come, bytes.NewReader(raw[:len(raw)/2])) // returns when it was read
	if h.fail.Load() {
		err = pdx.ErrUnavailable
	}
	if err == nil {
		err = h.Fetch(ctx, from, id, size, progress)
	}
	if err == nil {
		_, _ = io.Copy(come, bytes.NewReader(raw[len(raw)/2:]))
	}
	come.CloseWithError(err)
	<-over
	return err
}

// A dataset is checked while it comes, to the same verdict; one that does not come gets none.
func TestChecksWhileItPulls(t *testing.T) {
	for _, data := range []string{patients(5000), patients(5000) + "{}\n"} {
		w, other := newWorld(t), newWorld(t)
		want, err := w.start().Validate(t.Context(), w.offer(1, data), quiet)
		require.NoError(t, err)

		h := &halves{world: other}
		h.fail.Store(true)
		s := other.start(func(c *validator.Config) { c.Fetcher = h })
		req := other.offer(1, data)
		_, err = s.Validate(t.Context(), req, quiet)
		require.Error(t, err)
		require.True(t, validator.Retry(err))
		require.Empty(t, other.deal(1).Certificates)

		h.fail.Store(false)
		var stages []pdx.Stage
		got, err := s.Validate(t.Context(), req, func(p pdx.Progress) {
			if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
				stages = append(stages, p.Stage)
			}
		})
		require.NoError(t, err)
		require.Equal(t, want.Accepted, got.Accepted)
		require.Equal(t, want.Findings, got.Findings)
		require.Equal(t, []pdx.Stage{pdx.StagePulling, pdx.StageChecking, pdx.StageCertifying}, stages)
	}
}

// lateOnce is an engine whose child is late the first time.
type lateOnce struct {
	criteria.Engine
	checks atomic.Int64
}

func (l *lateOnce) Checker(
	ctx context.Context, doc *criteria.Document, schemas criteria.Schemas, fields []string,
) (criteria.DatasetChecker, error) {
	c, err := l.Engine.Checker(ctx, doc, schemas, fields)
	return lateChecker{c, l}, err
}

type lateChecker struct {
	criteria.DatasetChecker
	of *lateOnce
}

func (c lateChecker) CheckKeys(
	ctx context.Context, data format.Source, keys criteria.Keys, progress func(uint64),
) (criteria.Report, error) {
	if c.of.checks.Add(1) == 1 {
		return criteria.Report{}, &jail.Error{Cause: jail.Late}
	}
	return c.DatasetChecker.CheckKeys(ctx, data, keys, progress)
}

// A child whose time was over while it waited for bytes has another one when they are here.
func TestLateChildHasAnotherTry(t *testing.T) {
	w := newWorld(t)
	engine := &lateOnce{Engine: criteria.InProcess(criteria.Formats())}
	v, err := w.start(func(c *validator.Config) { c.Engine = engine }).Validate(t.Context(), w.offer(1, patients(3)), quiet)
	require.NoError(t, err)
	require.True(t, v.Accepted)
	require.EqualValues(t, 2, engine.checks.Load())
}
