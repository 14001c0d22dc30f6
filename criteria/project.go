package criteria

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// Projection is what Project wrote.
type Projection struct {
	Records, Bytes uint64
}

// Disclosure is what of each record a projection keeps.
type Disclosure struct {
	// Version is that of the pool's criteria document, whose rules hold; 0 is 1.
	Version int
	Fields  []string // JSON pointers
}

// Project copies a dataset, keeping of each record only what is disclosed: what
// a seller seals. Order stays, and so does every token, byte for byte; white space between tokens
// goes. Objects and arrays on the way to a field stay, emptied of the rest.
// Other values on the way are left out of objects. In arrays null replaces
// them, so that every element keeps its position; version 1 leaves them out
// there as well, and Project refuses a record in which others would move.
// NDJSON gives NDJSON without blank lines, an array an array, a single document
// a single document.
//
// The error is ErrFields, ErrData naming the record and the rule that it
// breaks, ctx's, or that of src or dst; then dst holds a beginning of no use.
func Project(ctx context.Context, dst io.Writer, src io.Reader, mediaType string, d Disclosure) (Projection, error) {
	pointers, err := parseFields(d.Fields)
	if err != nil {
		return Projection{}, fmt.Errorf("%w: %v", ErrFields, err)
	}
	tree := newFieldTree(pointers)
	out := &projector{w: bufio.NewWriterSize(dst, 64<<10)}
	cut := cutter{positions: keepsPositions(d.Version)}
	err = eachRecord(ctx, src, mediaType, func(raw []byte, form form) error {
		if err := cut.record(tree, raw); err != nil {
			return err
		}
		return out.record(cut.b, form)
	}, out.close)
	if err != nil {
		return Projection{}, fmt.Errorf("project: %w", err)
	}
	return out.done, nil
}

// projector writes records in the form in which they came.
type projector struct {
	w    *bufio.Writer
	done Projection
}

func (p *projector) record(raw []byte, form form) error {
	before, after := "", "\n"
	if form == formArray {
		before, after = ",\n", ""
		if p.done.Records == 0 {
			before = "["
		}
	}
	p.done.Records++
	return p.write([]byte(before), raw, []byte(after))
}

func (p *projector) close(form form) error {
	end := ""
	switch {
	case form == formArray && p.done.Records == 0:
		end = "[]\n"
	case form == formArray:
		end = "]\n"
	}
	if err := p.write([]byte(end)); err != nil {
		return err
	}
	return p.w.Flush()
}

func (p *projector) write(parts ...[]byte) error {
	for _, part := range parts {
		n, err := p.w.Write(part)
		p.done.Bytes += uint64(n)
		if err != nil {
			return err
		}
	}
	return nil
}
