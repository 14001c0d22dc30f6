package transfer

import (
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/transferpb"
)

// request is a Request that keeps to the protocol.
type request struct {
	id   pdx.ContentID
	runs bao.Ranges
}

// parseRequest checks all that can be checked without the blob; what is wrong
// is pdx.ErrInvalid.
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

// bytes is how many bytes of segments the request asks of a blob of size bytes.
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
