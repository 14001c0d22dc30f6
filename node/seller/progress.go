package seller

import (
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
)

// progressSteps is how often at most the progress of a stage is reported.
const progressSteps = 200

// The stages of a sale that read all of the data.
const (
	stageProjecting pdx.Stage = "projecting"
	stageChecking             = pdx.StageChecking
	stageSealing    pdx.Stage = "sealing"
)

// gauge reports how much of a stage's bytes is read: at the beginning, at the end, and
// in between.
type gauge struct {
	now    pdx.Progress
	report func(pdx.Progress)
}

// newGauge reports to report, if that is not nil.
func newGauge(stage pdx.Stage, size uint64, report func(pdx.Progress)) *gauge {
	if report == nil {
		report = func(pdx.Progress) {}
	}
	g := &gauge{now: pdx.Progress{Stage: stage, Total: size}, report: report}
	report(g.now)
	return g
}

// reader is r, all or a part of what is read.
func (g *gauge) reader(r io.Reader) io.Reader { return gaugedReader{g, r} }

// source is a file of size bytes, all or a part of what is read.
func (g *gauge) source(r io.ReaderAt, size int64) format.Source {
	return format.Source{ReaderAt: gaugedReaderAt{g, r}, Size: size}
}

func (g *gauge) add(n int) {
	before, step := g.now.Done, max(g.now.Total/progressSteps, 1)
	g.now.Done = min(before+uint64(n), g.now.Total)
	if g.now.Done > before && (g.now.Done == g.now.Total || g.now.Done/step > before/step) {
		g.report(g.now)
	}
}

type gaugedReader struct {
	gauge *gauge
	r     io.Reader
}

// Read implements io.Reader.
func (g gaugedReader) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.gauge.add(n)
	return n, err
}

type gaugedReaderAt struct {
	gauge *gauge
	r     io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (g gaugedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := g.r.ReadAt(p, off)
	g.gauge.add(n)
	return n, err
}

// meter returns the gauge that reports the progress of a stage that reads size bytes.
type meter func(stage pdx.Stage, size uint64) *gauge

// newMeter reports to report, if that is not nil.
func newMeter(report func(pdx.Progress)) meter {
	return func(stage pdx.Stage, size uint64) *gauge { return newGauge(stage, size, report) }
}
