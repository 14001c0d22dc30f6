package validator_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/node/validator"
)

// readAnywhere is a stored blob.
type readAnywhere struct{ *bytes.Reader }

func (readAnywhere) Close() error { return nil }

// failingEngine comes to no result.
type failingEngine struct {
	criteria.Engine
	criteria.DatasetChecker
	err    error
	closed int
}

func (e *failingEngine) Checker(context.Context, *criteria.Document, criteria.Schemas, []string) (criteria.DatasetChecker, error) {
	return e, nil
}

func (e *failingEngine) CheckKeys(context.Context, format.Source, criteria.Keys, func(uint64)) (criteria.Report, error) {
	return criteria.Report{}, e.err
}

func (e *failingEngine) Close() { e.closed++ }

// A child that ends without a result gives no verdict, and nothing is certified.
func TestNoResultIsNoVerdict(t *testing.T) {
	for cause, retry := range map[jail.Cause]bool{
		jail.Memory: false, jail.CPU: false, jail.Crashed: false, jail.Nonsense: false, jail.Late: true,
	} {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		s := w.start(func(c *validator.Config) { c.Engine = &failingEngine{err: &jail.Error{Cause: cause}} })
		_, err := s.Validate(t.Context(), req, quiet)
		require.ErrorContains(t, err, string(cause))
		require.Equal(t, retry, validator.Retry(err), cause)
		require.Equal(t, pdx.DealOffered, w.deal(1).State)
		require.Empty(t, w.deal(1).Certificates)
	}
}

// backward is NDJSON whose end is read first.
type backward struct{ ndjson.Format }

func (backward) Fragile() string { return "a test" }

func (b backward) Read(src format.Source, o format.Options) format.Reader {
	for off := src.Size - 1; off >= 0; off -= 70_000 {
		if _, err := src.ReadAt(make([]byte, 1), off); err != nil {
			panic(err)
		}
	}
	return b.Format.Read(src, o)
}

// TestBackward checks a dataset whose format reads backward: the verdict is that of a
// format that does not.
func TestBackward(t *testing.T) {
	formats, err := format.New(backward{})
	require.NoError(t, err)
	reads := func(c *validator.Config) { c.Formats, c.Engine = formats, criteria.InChild(formats) }
	for _, data := range []string{patients(30_000), patients(3) + "{}\n"} {
		w, other := newWorld(t), newWorld(t)
		want, err := w.start().Validate(t.Context(), w.offer(1, data), quiet)
		require.NoError(t, err)
		got, err := other.start(reads).Validate(t.Context(), other.offer(1, data), quiet)
		require.NoError(t, err)
		require.Equal(t, want.Accepted, got.Accepted)
		require.Equal(t, want.Findings, got.Findings)
	}
	w := newWorld(t)
	req := w.offer(1, patients(5000))
	d := w.deal(1)
	raw := bytes.Clone(w.remote[seller][d.Dataset.Root])
	raw[70_000] ^= 1
	d.Dataset.Root = rootOf(raw)
	w.remote[seller][d.Dataset.Root] = raw
	w.set(d)
	v, err := w.start(reads).Validate(t.Context(), req, quiet)
	require.NoError(t, err)
	require.Equal(t, pdx.RejectCiphertext, v.Reason)

	w = newWorld(t)
	_, err = w.start(func(c *validator.Config) { c.Formats = formats }).Validate(t.Context(), w.offer(1, patients(3)), quiet)
	require.Error(t, err, "such a format is never read in this process")
	require.Empty(t, w.deal(1).Certificates)
}
