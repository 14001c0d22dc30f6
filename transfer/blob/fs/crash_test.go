package fs_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// The child process works on a store and says on stdout what it has claimed; the
// parent kills it after some of these lines, at whatever it is doing by then.
const (
	crashDir  = "PDX_FS_TEST_CRASH_DIR"
	crashWork = "PDX_FS_TEST_CRASH_WORK"
	crashSize = 150*bao.SegmentSize + 17
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		work := map[string]func(string) error{"pull": crashingPull, "make": crashingMake, "batch": crashingBatch}[os.Getenv(crashWork)]
		if err := work(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crashingPull puts missing segments, a few at a time, from a random place on.
func crashingPull(dir string) error {
	s, err := fs.Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	source, err := newSource(ctx, blobtest.Bytes(crashSize, 1))
	if err != nil {
		return err
	}
	p, err := s.Partial(ctx, source.id, crashSize)
	if err != nil {
		return err
	}
	for p.Written() < crashSize {
		run := p.NextMissing(rand.Uint64N(bao.Segments(crashSize)), 1+rand.Uint64N(4))
		if run.Count == 0 {
			continue
		}
		if err := source.put(p, run); err != nil {
			return err
		}
		before := p.Written()
		if err := p.Checkpoint(ctx); err != nil {
			return err
		}
		fmt.Println(before)
	}
	_, err = p.Commit(ctx)
	return err
}

// crashingMake makes blobs, larger and larger.
func crashingMake(dir string) error {
	s, err := fs.Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for size := 0; ; size += 40_000 {
		w, err := s.Create(ctx)
		if err != nil {
			return err
		}
		if _, err := w.Write(blobtest.Bytes(size, uint64(size))); err != nil {
			return err
		}
		if _, err := w.Commit(ctx); err != nil {
			return err
		}
		fmt.Println(size)
	}
}

// crashingBatch commits batches of smallsInBatch blobs.
func crashingBatch(dir string) error {
	s, err := fs.Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for n := uint64(0); ; n++ {
		b, err := s.Batch(ctx)
		if err != nil {
			return err
		}
		for _, data := range crashSmalls(n) {
			if err := b.Put(blobtest.Root(data), data); err != nil {
				return err
			}
		}
		if err := b.Commit(ctx); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

const smallsInBatch = 300

func crashSmalls(n uint64) (all [][]byte) {
	for i := range uint64(smallsInBatch) {
		all = append(all, blobtest.Bytes(1000, 1+n*smallsInBatch+i))
	}
	return all
}

// crash runs the child until it has said n lines, kills it, and is the last
// number it said; done tells that it came to its end before.
func crash(t *testing.T, dir, work string, n int) (last uint64, done bool) {
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), crashDir+"="+dir, crashWork+"="+work)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(out)
	for n > 0 && lines.Scan() {
		last, err = strconv.ParseUint(lines.Text(), 10, 64)
		require.NoError(t, err)
		n--
	}
	done = n > 0
	if !done {
		require.NoError(t, child.Process.Kill())
	}
	err = child.Wait()
	if done {
		require.NoError(t, err)
	}
	return last, done
}

func TestKilledPullKeepsItsClaims(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	dir := t.TempDir()
	data := blobtest.Bytes(crashSize, 1)
	kills := 0
	for {
		last, done := crash(t, dir, "pull", 1+rand.IntN(12))
		if done {
			break
		}
		kills++
		requireClaims(t, dir, data, last)
	}
	require.Greater(t, kills, 3)
	blobtest.RequireWhole(t, open(t, dir), data)
}

// requireClaims checks that at least what was said is claimed and that every
// claimed segment is right and can be proved.
func requireClaims(t *testing.T, dir string, data []byte, said uint64) {
	s, err := fs.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	id, size := blobtest.Root(data), uint64(len(data))
	info, err := s.Stat(t.Context(), id)
	require.NoError(t, err)
	require.GreaterOrEqual(t, info.Held, said)
	if info.Complete {
		return // killed between commit and exit
	}
	p, err := s.Partial(t.Context(), id, size)
	require.NoError(t, err)
	defer p.Close()
	files := map[string]*os.File{}
	for _, name := range []string{"data", "tree"} {
		f, err := os.Open(filepath.Join(dir, "partial", id.String(), name))
		require.NoError(t, err)
		defer f.Close()
		files[name] = f
	}
	for i := range bao.Segments(size) {
		if p.NextMissing(i, 1).First != i {
			require.NoError(t, bao.WriteSlice(io.Discard, id, size, files["tree"], files["data"], bao.Range{First: i, Count: 1}))
		}
	}
}

// Kills leave whole batches, and all that were committed.
func TestKilledBatchesAreWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	dir := t.TempDir()
	for range 4 {
		last, _ := crash(t, dir, "batch", 1+rand.IntN(10))
		s := open(t, dir)
		for n := range last + 1 {
			blobtest.RequireSmall(t, s, crashSmalls(n))
		}
		there := 0
		for _, err := range s.List(t.Context()) {
			require.NoError(t, err)
			there++
		}
		require.Zero(t, there%smallsInBatch, "a batch is whole or not there")
		left, err := os.ReadDir(filepath.Join(dir, "tmp"))
		require.NoError(t, err)
		require.Empty(t, left, "swept")
		require.NoError(t, s.Close())
	}
}

func TestKilledMakerLeavesWholeBlobs(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	dir := t.TempDir()
	for range 4 {
		last, _ := crash(t, dir, "make", 1+rand.IntN(10))
		s := open(t, dir)
		for size := 0; size <= int(last); size += 40_000 {
			blobtest.RequireWhole(t, s, blobtest.Bytes(size, uint64(size)))
		}
		for info, err := range s.List(t.Context()) {
			require.NoError(t, err)
			require.True(t, info.Complete, "a blob is whole or not there")
		}
		left, err := os.ReadDir(filepath.Join(dir, "tmp"))
		require.NoError(t, err)
		require.Empty(t, left, "swept")
		require.NoError(t, s.Close())
	}
}
