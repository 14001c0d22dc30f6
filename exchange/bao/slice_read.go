package bao

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
)

// ReadSlice reads one slice of a run of segments from src, exactly to its end, and passes each
// part to sink as soon as it is verified against root. It returns pdx.ErrCorrupt for a slice
// that states another size and for any wrong byte, pdx.ErrInvalid for a run beyond the blob,
// io.ErrUnexpectedEOF for a slice that is cut off, and errors of src and sink wrapped. What the
// sink received before an error is verified and can be kept.
func ReadSlice(src io.Reader, root pdx.ContentID, size uint64, run Range, sink Sink) error {
	if err := beginSlice(src, size, run); err != nil {
		return err
	}
	return checked(size, run, streamed{src}, sink, nothing{}).all(root)
}

// beginSlice reads the prefix of a slice.
func beginSlice(src io.Reader, size uint64, run Range) error {
	if err := checkSlice(size, run); err != nil {
		return err
	}
	var prefix [SlicePrefix]byte
	if _, err := io.ReadFull(src, prefix[:]); err != nil {
		return fmt.Errorf("read slice: %w", truncated(err))
	}
	if stated := binary.LittleEndian.Uint64(prefix[:]); stated != size {
		return fmt.Errorf("slice states a size of %d, not %d: %w", stated, size, pdx.ErrCorrupt)
	}
	return nil
}

// ReadSlices reads one slice for each run, in order, and expects the end of src after
// them: it returns pdx.ErrCorrupt if a byte follows. Otherwise it behaves like
// ReadSlice.
func ReadSlices(src io.Reader, root pdx.ContentID, size uint64, runs Ranges, sink Sink) error {
	for _, run := range runs {
		if err := ReadSlice(src, root, size, run, sink); err != nil {
			return err
		}
	}
	switch _, err := io.ReadFull(src, make([]byte, 1)); {
	case err == nil:
		return fmt.Errorf("bytes after the last slice: %w", pdx.ErrCorrupt)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return fmt.Errorf("read end of slices: %w", err)
	}
}

// VerifySegment verifies a slice of segment i and returns the bytes of the segment. It
// returns pdx.ErrCorrupt for any fault of the slice, including its length, and
// pdx.ErrInvalid if the blob has no segment i.
func VerifySegment(slice []byte, root pdx.ContentID, size, i uint64) ([]byte, error) {
	var got keeping
	err := ReadSlices(bytes.NewReader(slice), root, size, Ranges{{First: i, Count: 1}}, &got)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: %w", pdx.ErrCorrupt, err)
	}
	if err != nil {
		return nil, fmt.Errorf("verify segment %d: %w", i, err)
	}
	return got.data, nil
}

// streamed is a source that reads a slice.
type streamed struct{ src io.Reader }

func (s streamed) node(split uint64) (n Node, err error) {
	if _, err := io.ReadFull(s.src, n[:]); err != nil {
		return n, fmt.Errorf("read tree node %d: %w", split, truncated(err))
	}
	return n, nil
}

func (s streamed) segment(i uint64, p []byte) error {
	if _, err := io.ReadFull(s.src, p); err != nil {
		return fmt.Errorf("read segment %d: %w", i, truncated(err))
	}
	return nil
}

// keeping is the sink that keeps one segment.
type keeping struct{ data []byte }

func (k *keeping) PutNode(uint64, Node) error { return nil }

func (k *keeping) PutSegment(_ uint64, data []byte) error {
	k.data = bytes.Clone(data)
	return nil
}
