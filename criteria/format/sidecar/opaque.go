package sidecar

import (
	"context"
	"errors"
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
	in, done := src.Reader(), format.Projection{}
	for {
		if err := ctx.Err(); err != nil {
			return format.Projection{}, err
		}
		n, err := io.CopyN(dst, in, copiedAtOnce)
		done.Bytes += uint64(n)
		if errors.Is(err, io.EOF) {
			return done, nil
		}
		if err != nil {
			return format.Projection{}, err
		}
	}
}

// copiedAtOnce is how many bytes are copied between two looks at the context.
const copiedAtOnce = 1 << 20

// Counter implements format.File.
func (o Opaque) Counter() format.Counter { return format.CountByReading(o) }
