package ingest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
	"github.com/medibloc/pdx/transfer/internal/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const seg = bao.SegmentSize

var errTest = errors.New("test")

// origin is an Origin that counts.
type origin struct {
	mu             sync.Mutex
	kept, repeated int
	lied           []error
}

func (o *origin) Kept(n int)     { o.mu.Lock(); defer o.mu.Unlock(); o.kept += n }
func (o *origin) Repeated(n int) { o.mu.Lock(); defer o.mu.Unlock(); o.repeated += n }
func (o *origin) Lied(err error) { o.mu.Lock(); defer o.mu.Unlock(); o.lied = append(o.lied, err) }

// world is an intake of one blob, and what it told.
type world struct {
	data   []byte
	store  blob.Store
	part   blob.Partial
	plan   *plan.Plan
	intake *Intake

	mu     sync.Mutex
	told   []uint64
	spent  [Works]time.Duration
	failed []error
}

func newWorld(t *testing.T, size int, change func(*Config)) *world {
	t.Helper()
	w := &world{data: blobtest.Bytes(size, 1), store: mem.New()}
	var err error
	w.part, err = w.store.Partial(t.Context(), blobtest.Root(w.data), uint64(size))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.part.Close()) })
	w.plan = plan.New(plan.DefaultLimits(64, 256), uint64(size), w.part)
	c := Config{
		Plan: w.plan, Part: w.part, Size: uint64(size), Limits: DefaultLimits(),
		Pool:     &sync.Pool{New: func() any { return new([seg]byte) }},
		Progress: func(held, total uint64) { require.EqualValues(t, size, total); w.told = append(w.told, held) },
		Spent:    func(on Work, d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.spent[on] += d },
		Failed:   func(err error) { w.mu.Lock(); defer w.mu.Unlock(); w.failed = append(w.failed, err) },
	}
	if change != nil {
		change(&c)
	}
	w.intake = New(c)
	w.intake.Start()
	return w
}

// stream is a bao.UnverifiedSink that hands segments to an intake.
type stream struct {
	w    *world
	from Origin
	spot func([]byte) // spoils a segment, if not nil
}

func (s stream) PutNode(split uint64, n bao.Node) error { return s.w.part.PutNode(split, n) }
func (s stream) Drop(buf *[seg]byte)                    { s.w.intake.Drop(buf) }
func (s stream) Buffer() (*[seg]byte, error) {
	buf, _, err := s.w.intake.Buffer(context.Background())
	return buf, err
}

func (s stream) Take(c bao.Unverified) error {
	if s.spot != nil {
		s.spot(c.Data())
	}
	s.w.intake.Put(c, s.from)
	return nil
}

// send brings a run of segments.
func (w *world) send(t *testing.T, run bao.Range, s stream) {
	t.Helper()
	slice := blobtest.Slice(t, w.data, run)
	require.NoError(t, bao.ReadUnverified(bytes.NewReader(slice), blobtest.Root(w.data), uint64(len(w.data)), run, s))
}

func TestSegmentsAreStoredOnce(t *testing.T) {
	const size = 200*seg - 7
	w := newWorld(t, size, nil)
	one, two := &origin{}, &origin{}
	var group sync.WaitGroup
	group.Go(func() { w.send(t, bao.Range{First: 0, Count: 150}, stream{w: w, from: one}) })
	group.Go(func() { w.send(t, bao.Range{First: 50, Count: 150}, stream{w: w, from: two}) })
	group.Wait()
	w.intake.Stop()
	require.True(t, w.plan.Completed())
	_, err := w.part.Commit(t.Context())
	require.NoError(t, err)
	blobtest.RequireWhole(t, w.store, w.data)
	require.Equal(t, size, one.kept+two.kept)
	require.Equal(t, 100*seg, one.repeated+two.repeated)
	require.Empty(t, append(one.lied, two.lied...))
	require.True(t, slices.IsSorted(w.told))
	require.EqualValues(t, size, w.told[len(w.told)-1])
	require.Empty(t, w.failed)
	require.Positive(t, w.spent[Checking])
	require.Positive(t, w.spent[Storing])
	require.Empty(t, w.intake.tokens, "every buffer came back")
}

// TestWrongSegmentIsNamed and can be brought by another.
func TestWrongSegmentIsNamed(t *testing.T) {
	w := newWorld(t, 10*seg, nil)
	liar, honest := &origin{}, &origin{}
	w.send(t, bao.Range{First: 0, Count: 10}, stream{w: w, from: liar, spot: func(b []byte) {
		if bytes.Equal(b, w.data[3*seg:4*seg]) {
			b[17] ^= 1
		}
	}})
	w.send(t, bao.Range{First: 3, Count: 1}, stream{w: w, from: honest})
	w.intake.Stop()
	require.Len(t, liar.lied, 1)
	require.ErrorIs(t, liar.lied[0], pdx.ErrCorrupt)
	require.Equal(t, 9*seg, liar.kept)
	require.Equal(t, seg, honest.kept)
	require.True(t, w.plan.Completed())
}

// failingPart is a Partial whose disk fails.
type failingPart struct {
	blob.Partial
	put, checkpoint error
}

func (p failingPart) Checkpoint(context.Context) error { return p.checkpoint }

func (p failingPart) PutSegment(i uint64, data []byte) error {
	if p.put != nil {
		return p.put
	}
	return p.Partial.PutSegment(i, data)
}

func TestStoreFails(t *testing.T) {
	for name, part := range map[string]failingPart{"put": {put: errTest}, "checkpoint": {checkpoint: errTest}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 100*seg, func(c *Config) {
				part.Partial = c.Part
				c.Part, c.Limits.CheckpointMin, c.Limits.CheckpointMax = part, 4*seg, 4*seg
			})
			from := &origin{}
			w.send(t, bao.Range{Count: 100}, stream{w: w, from: from})
			w.intake.Stop()
			require.NotEmpty(t, w.failed)
			require.ErrorIs(t, w.failed[0], errTest)
			require.Empty(t, from.lied, "it is not the peer's fault")
			require.Equal(t, part.put == nil, w.plan.Completed())
		})
	}
}

// TestBuffersAreBounded: a stream waits for one, and that is told.
func TestBuffersAreBounded(t *testing.T) {
	w := newWorld(t, seg, func(c *Config) { c.Limits.Buffers = 2 })
	defer w.intake.Stop()
	for range 2 {
		_, waited, err := w.intake.Buffer(t.Context())
		require.NoError(t, err)
		require.Zero(t, waited)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := w.intake.Buffer(ctx)
	require.ErrorIs(t, err, context.Canceled)

	timer := time.AfterFunc(20*time.Millisecond, func() { w.intake.Drop(new([seg]byte)) })
	defer timer.Stop()
	_, waited, err := w.intake.Buffer(t.Context())
	require.NoError(t, err)
	require.Positive(t, waited)
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Equal(t, waited, w.spent[Waiting])
}
