package transfer

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// service names the protocol's share in the host's resource manager.
const service = "pdx.blob"

// Protocol returns the name of Pull's protocol on a chain.
func Protocol(chainID string) protocol.ID {
	return protocol.ID("/pdx/" + chainID + "/blob/1")
}

// ManyProtocol returns the name of PullMany's protocol on a chain.
func ManyProtocol(chainID string) protocol.ID {
	return protocol.ID("/pdx/" + chainID + "/blobs/1")
}

func checkChainID(chainID string) error {
	if chainID == "" || len(chainID) > 50 {
		return fmt.Errorf("chain id %q: %w: must have 1 to 50 characters", chainID, pdx.ErrInvalid)
	}
	return nil
}

// request is a valid Request.
type request struct {
	id   pdx.ContentID
	runs bao.Ranges
}

// parseRequest checks all that can be checked without the blob, and fails with
// pdx.ErrInvalid.
func parseRequest(m *transferpb.Request) (request, error) {
	if len(m.GetRoot()) != len(pdx.ContentID{}) {
		return request{}, fmt.Errorf("%w: a root has 32 bytes", pdx.ErrInvalid)
	}
	if len(m.GetRanges()) > MaxRanges {
		return request{}, fmt.Errorf("%w: more than %d ranges", pdx.ErrInvalid, MaxRanges)
	}
	q := request{id: pdx.ContentID(m.GetRoot())}
	for _, r := range m.GetRanges() {
		if r.GetCount() > MaxRequestSegments { // before the sum, which could overflow
			return request{}, fmt.Errorf("%w: more than %d segments", pdx.ErrInvalid, MaxRequestSegments)
		}
		q.runs = append(q.runs, bao.Range{First: r.GetFirst(), Count: r.GetCount()})
	}
	if err := q.runs.Check(); err != nil {
		return request{}, err
	}
	if q.runs.Segments() > MaxRequestSegments {
		return request{}, fmt.Errorf("%w: more than %d segments", pdx.ErrInvalid, MaxRequestSegments)
	}
	return q, nil
}

// within checks the runs against the size of the blob.
func (q request) within(size uint64) error {
	for _, run := range q.runs {
		if err := run.Check(size); err != nil {
			return err
		}
	}
	return nil
}

// bytes returns how many bytes of segments the request asks for, of a blob of size bytes.
func (q request) bytes(size uint64) (n uint64) {
	for _, run := range q.runs {
		n += run.Bytes(size)
	}
	return n
}

func (q request) message() *transferpb.Request {
	m := &transferpb.Request{Root: q.id[:]}
	for _, run := range q.runs {
		m.Ranges = append(m.Ranges, &transferpb.Range{First: run.First, Count: run.Count})
	}
	return m
}

// parseMany returns the roots of a frame that asks for many blobs, and fails with
// pdx.ErrInvalid.
func parseMany(m *transferpb.Many) ([]pdx.ContentID, error) {
	const size = len(pdx.ContentID{})
	b := m.GetRoots()
	if n := len(b); n == 0 || n%size != 0 || n > MaxManyRoots*size {
		return nil, fmt.Errorf("%w: %d bytes of roots: must be 1 to %d roots of %d bytes", pdx.ErrInvalid, n, MaxManyRoots, size)
	}
	ids := make([]pdx.ContentID, 0, len(b)/size)
	seen := make(map[pdx.ContentID]bool, cap(ids))
	for ; len(b) > 0; b = b[size:] {
		id := pdx.ContentID(b[:size])
		if seen[id] {
			return nil, fmt.Errorf("%w: root %v occurs twice", pdx.ErrInvalid, id)
		}
		seen[id] = true
		ids = append(ids, id)
	}
	return ids, nil
}

func manyMessage(ids []pdx.ContentID) *transferpb.Many {
	m := new(transferpb.Many)
	for _, id := range ids {
		m.Roots = append(m.Roots, id[:]...)
	}
	return m
}
