package sidecar

import (
	"context"
	"io"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

// Opaque is the format of any file: it has no records, and its projection is all of it.
type Opaque struct{}

// MediaType implements format.Format.
func (Opaque) MediaType() string { return "application/octet-stream" }

// Extensions implements format.Format.
func (Opaque) Extensions() []string { return []string{".bin"} }

// Sniff implements format.Sniffer: any bytes are of the format.
func (Opaque) Sniff([]byte) string { return "" }

// Read implements format.Format.
func (Opaque) Read(format.Source, format.Options) format.Reader { return nothing{} }

type nothing struct{}

// Next implements format.Reader.
func (nothing) Next() ([]byte, error) { return nil, io.EOF }

// Project implements format.File.
func (Opaque) Project(ctx context.Context, dst io.Writer, src format.Source, _ fields.Selection) (format.Projection, error) {
	n, err := io.Copy(dst, canceled{ctx, src.Reader()})
	return format.Projection{Bytes: uint64(n)}, err
}

// Counter implements format.File.
func (o Opaque) Counter() format.Counter { return format.CountByReading(o) }

// canceled is a reader that ends with its context.
type canceled struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c canceled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
