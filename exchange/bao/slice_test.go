package bao_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

var errTest = errors.New("test")

// Whatever one bit is wrong, it is found before 64 KiB more are read, and nothing
// wrong is handed on.
func TestAnyWrongBitIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := max(1, anySize().Draw(t, "size"))
		run := anyRun(size).Draw(t, "run")
		s := newSample(t, noise(size, 3), 1<<20)
		slice := s.slice(t, run)
		at := rapid.IntRange(0, len(slice)-1).Draw(t, "at")
		slice[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		var got collected
		src := bytes.NewReader(slice)
		err := bao.ReadSlice(src, s.root, s.size(), run, &got)
		require.ErrorIs(t, err, pdx.ErrCorrupt)
		require.LessOrEqual(t, len(slice)-src.Len()-at, bao.SegmentSize, "read beyond the wrong bit")
		for _, i := range got.held {
			from := i * bao.SegmentSize
			end := from + uint64(bao.SegmentLen(s.size(), i))
			require.True(t, bytes.Equal(s.data[from:end], got.data[from:end]))
		}
	})
}

func TestEveryTruncationIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := max(1, anySize().Draw(t, "size"))
		run := anyRun(size).Draw(t, "run")
		s := newSample(t, noise(size, 4), 1<<20)
		slice := s.slice(t, run)
		cut := rapid.IntRange(0, len(slice)-1).Draw(t, "cut")
		err := bao.ReadSlice(bytes.NewReader(slice[:cut]), s.root, s.size(), run, &collected{})
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.NotErrorIs(t, err, pdx.ErrCorrupt)
	})
}

func TestReadSlices(t *testing.T) {
	s := newSample(t, noise(20*bao.SegmentSize+5, 5), 1<<20)
	runs := bao.Ranges{{First: 0, Count: 2}, {First: 2, Count: 1}, {First: 9, Count: 12}}
	var body []byte
	for _, run := range runs {
		body = append(body, s.slice(t, run)...)
	}
	var got collected
	require.NoError(t, bao.ReadSlices(iotest.OneByteReader(bytes.NewReader(body)), s.root, s.size(), runs, &got))
	require.Len(t, got.held, 15)
	require.NoError(t, bao.ReadSlices(bytes.NewReader(nil), s.root, s.size(), nil, &got))

	err := bao.ReadSlices(bytes.NewReader(append(body, 0)), s.root, s.size(), runs, &got)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	err = bao.ReadSlices(bytes.NewReader([]byte{0}), s.root, s.size(), nil, &got)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	err = bao.ReadSlices(io.MultiReader(bytes.NewReader(body), iotest.ErrReader(errTest)), s.root, s.size(), runs, &got)
	require.ErrorIs(t, err, errTest, "the end must be seen")
}

// failing is a sink, reader and writer that fails.
type failing struct{ node, segment error }

func (f failing) PutNode(uint64, bao.Node) error   { return f.node }
func (f failing) PutSegment(uint64, []byte) error  { return f.segment }
func (failing) Write([]byte) (int, error)          { return 0, errTest }
func (failing) WriteAt([]byte, int64) (int, error) { return 0, errTest }
func (failing) ReadAt([]byte, int64) (int, error)  { return 0, errTest }

func TestErrorsOfOthersComeThrough(t *testing.T) {
	s := newSample(t, noise(3*bao.SegmentSize, 6), 1<<20)
	run := bao.All(s.size())
	tree, data := bytes.NewReader(s.tree), bytes.NewReader(s.data)
	for _, err := range []error{
		bao.ReadSlice(bytes.NewReader(s.slice(t, run)), s.root, s.size(), run, failing{node: errTest}),
		bao.ReadSlice(bytes.NewReader(s.slice(t, run)), s.root, s.size(), run, failing{segment: errTest}),
		bao.ReadSlice(iotest.ErrReader(errTest), s.root, s.size(), run, failing{}),
		bao.WriteSlice(failing{}, s.root, s.size(), tree, data, run),
		bao.WriteSlice(io.Discard, s.root, s.size(), failing{}, data, run),
		bao.WriteSlice(io.Discard, s.root, s.size(), tree, failing{}, run),
	} {
		require.ErrorIs(t, err, errTest)
		require.NotErrorIs(t, err, pdx.ErrCorrupt)
	}
}

func TestWriterFindsRottenBytes(t *testing.T) {
	s := newSample(t, noise(5*bao.SegmentSize+1, 7), 1<<20)
	all := bao.All(s.size())
	write := func(data, tree []byte) error {
		return bao.WriteSlice(io.Discard, s.root, s.size(), bytes.NewReader(tree), bytes.NewReader(data), all)
	}
	require.NoError(t, write(s.data, s.tree))
	rotten := bytes.Clone(s.data)
	rotten[4*bao.SegmentSize] ^= 1
	require.ErrorIs(t, write(rotten, s.tree), pdx.ErrCorrupt)
	rotten = bytes.Clone(s.tree)
	rotten[len(rotten)-1] ^= 1
	require.ErrorIs(t, write(s.data, rotten), pdx.ErrCorrupt)
	require.ErrorIs(t, write(s.data[:len(s.data)-1], s.tree), io.ErrUnexpectedEOF)
	require.ErrorIs(t, write(s.data, s.tree[:len(s.tree)-1]), io.ErrUnexpectedEOF)
}

func TestRunsOutsideTheBlob(t *testing.T) {
	s := newSample(t, noise(bao.SegmentSize+1, 8), 1<<20)
	for _, run := range []bao.Range{
		{}, {First: 2, Count: 1}, {First: 0, Count: 3}, {First: 1, Count: ^uint64(0)}, {First: ^uint64(0), Count: 1},
	} {
		require.ErrorIs(t, bao.ReadSlice(bytes.NewReader(nil), s.root, s.size(), run, failing{}), pdx.ErrInvalid)
	}
	require.ErrorIs(t, bao.ReadSlice(bytes.NewReader(nil), s.root, 0, bao.Range{Count: 1}, failing{}), pdx.ErrInvalid)
	require.ErrorIs(t, bao.ReadSlice(bytes.NewReader(nil), s.root, bao.MaxSize+1, bao.Range{Count: 1}, failing{}), pdx.ErrInvalid)
}

func TestBuilderStopsAtFirstError(t *testing.T) {
	b := bao.NewBuilder(failing{})
	_, err := b.Write(make([]byte, 3*bao.SegmentSize))
	require.ErrorIs(t, err, errTest)
	_, err = b.Write([]byte{1})
	require.ErrorIs(t, err, errTest)
	_, _, err = b.Finish()
	require.ErrorIs(t, err, errTest)
}

// damage spoils bytes as a fuzzer says, three bytes for each step: what to do, and
// where, as a part of the length and, for the first nodes of a slice, as an offset.
func damage(b, steps []byte) []byte {
	b = bytes.Clone(b)
	for ; len(steps) >= 3 && len(b) > 0; steps = steps[3:] {
		at := (len(b) - 1) * int(steps[1]) / 255
		if steps[0]&1 == 0 {
			at = min(int(steps[1]), len(b)-1)
		}
		switch steps[0] >> 1 % 6 {
		case 0:
			b[at] ^= steps[2]
		case 1:
			b = b[:at]
		case 2:
			b = append(b, steps[2])
		case 3: // a part goes missing
			b = append(b[:at], b[min(len(b), at+1+int(steps[2])):]...)
		case 4: // a part is there twice
			b = append(b[:at:at], b[max(0, at-int(steps[2])):]...)
		case 5: // two parts change places
			other := (len(b) - 1) * int(steps[2]) / 255
			b[at], b[other] = b[other], b[at]
		}
	}
	return b
}

// The decoder hands on only what is in the blob, whatever it is fed. The fuzzer
// draws the damage to an honest slice, of the run that is read or another: 64 KiB
// of input would slow it down.
func FuzzReadSlice(f *testing.F) {
	s := newSample(f, noise(5*bao.SegmentSize+100, 9), 1<<20)
	f.Add(byte(0), byte(1), byte(0), []byte{})
	f.Add(byte(5), byte(1), byte(0), []byte{0, 0, 1})
	f.Add(byte(1), byte(3), byte(0), []byte{1, 255, 1, 2, 70, 0, 4, 0, 9})
	f.Add(byte(2), byte(2), byte(1), []byte{6, 8, 63, 8, 72, 64, 10, 9, 1})
	f.Fuzz(func(t *testing.T, first, count, moved byte, steps []byte) {
		run := bao.Range{First: uint64(first % 6), Count: 1 + uint64(count)%(6-uint64(first%6))}
		other := bao.Range{First: (run.First + uint64(moved)) % 6, Count: 1}
		in := s.slice(t, run)
		if moved != 0 {
			in = s.slice(t, other)
		}
		in = damage(in, steps)
		var got collected
		err := bao.ReadSlices(bytes.NewReader(in), s.root, s.size(), bao.Ranges{run}, &got)
		for _, i := range got.held {
			from := i * bao.SegmentSize
			end := from + uint64(bao.SegmentLen(s.size(), i))
			require.True(t, run.Has(i))
			require.True(t, bytes.Equal(s.data[from:end], got.data[from:end]))
		}
		require.Equal(t, bytes.Equal(s.slice(t, run), in), err == nil, "a run has one slice: %v", err)
		if run.Count == 1 {
			segment, err := bao.VerifySegment(in, s.root, s.size(), run.First)
			require.Equal(t, bytes.Equal(s.slice(t, run), in), err == nil, "a complaint's slice is that of its segment: %v", err)
			if err == nil {
				require.True(t, bytes.Equal(s.data[run.First*bao.SegmentSize:][:len(segment)], segment))
			}
		}
	})
}

// FuzzReadAnySlice feeds the decoder anything, with any run.
func FuzzReadAnySlice(f *testing.F) {
	s := newSample(f, noise(100, 9), 1<<20)
	f.Add(uint64(0), uint64(1), s.slice(f, bao.Range{First: 0, Count: 1}))
	f.Add(uint64(1), ^uint64(0), []byte{})
	f.Fuzz(func(t *testing.T, first, count uint64, in []byte) {
		run := bao.Range{First: first, Count: count}
		err := bao.ReadSlices(bytes.NewReader(in), s.root, s.size(), bao.Ranges{run}, &collected{})
		if err == nil {
			require.Equal(t, s.slice(t, run), in, "a run has one slice")
		}
	})
}
