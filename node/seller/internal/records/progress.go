package records

import (
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
)

// ProgressSteps is how often at most the progress of a stage is reported.
const ProgressSteps = 200

// stageProjecting is the stage in which data is read to be disclosed.
const stageProjecting pdx.Stage = "projecting"

// Gauge reports how much of a stage's bytes is read: at the beginning, at the end, and
// in between.
type Gauge struct {
	now    pdx.Progress
	report func(pdx.Progress)
}

// newGauge reports to report, if that is not nil.
func newGauge(stage pdx.Stage, size uint64, report func(pdx.Progress)) *Gauge {
	if report == nil {
		report = func(pdx.Progress) {}
	}
	g := &Gauge{now: pdx.Progress{Stage: stage, Total: size}, report: report}
	report(g.now)
	return g
}

// Reader returns r, all or a part of what is read.
func (g *Gauge) Reader(r io.Reader) io.Reader { return gaugedReader{g, r} }

// Source returns a file of size bytes, all or a part of what is read.
func (g *Gauge) Source(r io.ReaderAt, size int64) format.Source {
	return format.Source{ReaderAt: gaugedReaderAt{g, r}, Size: size}
}

func (g *Gauge) add(n int) {
	before, step := g.now.Done, max(g.now.Total/ProgressSteps, 1)
	g.now.Done = min(before+uint64(n), g.now.Total)
	if g.now.Done > before && (g.now.Done == g.now.Total || g.now.Done/step > before/step) {
		g.report(g.now)
	}
}

type gaugedReader struct {
	gauge *Gauge
	r     io.Reader
}

// Read implements io.Reader.
func (g gaugedReader) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.gauge.add(n)
	return n, err
}

type gaugedReaderAt struct {
	gauge *Gauge
	r     io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (g gaugedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.r.ReadAt(p, off)
	g.gauge.add(n)
	return n, err
}

// Meter returns the gauge that reports the progress of a stage that reads size bytes.
type Meter func(stage pdx.Stage, size uint64) *Gauge

// NewMeter reports to report, if that is not nil.
func NewMeter(report func(pdx.Progress)) Meter {
	return func(stage pdx.Stage, size uint64) *Gauge { return newGauge(stage, size, report) }
}
