package jail

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
)

// work is what a job needs of its parent, and what it gives. What is nil is not for this
// job: a child that asks for it breaks the protocol.
type work struct {
	source   format.Source
	schemas  criteria.Schemas
	output   io.Writer
	keys     criteria.Keys
	rows     *rowReader
	progress func(bytes uint64)
}

// abortedError is an error of the parent's own, after which the child was ended: that of
// a source, of a writer, or of a context.
type abortedError struct{ err error }

// Error implements error.
func (e *abortedError) Error() string { return e.err.Error() }

// Unwrap returns the error.
func (e *abortedError) Unwrap() error { return e.err }

// do has the child do a job. After an *Error and an *abortedError the child has ended.
func (p *process) do(ctx context.Context, j job, w work, deadline time.Duration) (result, error) {
	if err := ctx.Err(); err != nil {
		p.end()
		return result{}, &abortedError{err}
	}
	p.jobs++
	bounded, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	stop := context.AfterFunc(bounded, p.kill)
	r, err := p.converse(j, w)
	if !stop() && err == nil { // it is being ended, though it was done in time
		p.end()
	}
	var own *abortedError
	switch {
	case err == nil && r.known():
		return r, r.err()
	case err == nil:
		p.end()
		return result{}, &Error{Crashed, errors.New("it panicked")}
	case ctx.Err() != nil:
		p.end()
		return result{}, &abortedError{ctx.Err()}
	case errors.As(err, &own):
		p.end()
		return result{}, err
	case bounded.Err() != nil:
		p.end()
		return result{}, &Error{Late, bounded.Err()}
	}
	return result{}, p.died(err)
}

// converse sends a job and answers the child until it is done.
func (p *process) converse(j job, w work) (result, error) {
	raw, err := json.Marshal(j)
	if err != nil {
		return result{}, &abortedError{err}
	}
	if err := p.send(kindJob, raw); err != nil {
		return result{}, err
	}
	for {
		kind, body, err := readFrame(p.out, p.read, maxResult)
		if err != nil {
			return result{}, err
		}
		p.read = body
		switch kind {
		case kindResult:
			var r result
			err := decode(body, &r)
			return r, err
		case kindRead:
			err = p.bytes(w.source, body)
		case kindSchema:
			err = p.schema(w.schemas, body)
		default:
			err = w.take(kind, body)
		}
		if err != nil {
			return result{}, err
		}
	}
}

// bytes answers a request for bytes of the data.
func (p *process) bytes(src format.Source, ask []byte) error {
	if len(ask) != 12 || src.ReaderAt == nil {
		return fmt.Errorf("%w: a request for data", errFrame)
	}
	off, n := binary.LittleEndian.Uint64(ask), binary.LittleEndian.Uint32(ask[8:])
	if n == 0 || n > maxRead || off > uint64(src.Size) || uint64(n) > uint64(src.Size)-off {
		return fmt.Errorf("%w: a request for %d bytes at %d of %d", errFrame, n, off, src.Size)
	}
	if cap(p.read) < int(n) {
		p.read = make([]byte, n)
	}
	buf := p.read[:n]
	got, err := src.ReadAt(buf, int64(off))
	status := []byte{statusOK}
	switch {
	case got == int(n):
	case err == nil || errors.Is(err, io.EOF):
		status[0] = statusEnd
	default:
		return &abortedError{err}
	}
	return p.send(kindBytes, status, buf[:got])
}

// schema answers a request for a schema.
func (p *process) schema(schemas criteria.Schemas, ask []byte) error {
	var id pdx.ContentID
	if len(ask) != len(id) || schemas == nil {
		return fmt.Errorf("%w: a request for a schema", errFrame)
	}
	raw, err := schemas(pdx.ContentID(ask))
	if err != nil {
		return &abortedError{err}
	}
	return p.send(kindBytes, []byte{statusOK}, raw)
}

// take takes what a child gives.
func (w work) take(kind byte, body []byte) error {
	switch {
	case kind == kindOutput && w.output != nil:
		if _, err := w.output.Write(body); err != nil {
			return &abortedError{err}
		}
		return nil
	case kind == kindKeys && w.keys != nil:
		err := takeKeys(body, w.keys)
		if err != nil && !errors.Is(err, errFrame) {
			return &abortedError{err}
		}
		return err
	case kind == kindRows && w.rows != nil:
		return w.rows.message(body)
	case kind == kindCount && len(body) == 8:
		if w.progress != nil {
			w.progress(binary.LittleEndian.Uint64(body))
		}
		return nil
	}
	return fmt.Errorf("%w: kind %q", errFrame, kind)
}
