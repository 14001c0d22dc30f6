package main

import (
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/medibloc/pdx/node/api/nodepb"
)

// bar shows how far all pulls under way are together, on a terminal only.
type bar struct {
	w    io.Writer // nil: no terminal
	what string
	held map[uint64]uint64
	size map[uint64]uint64
	bar  *progressbar.ProgressBar
}

func (a *app) newBar() *bar {
	b := &bar{what: a.t("progress.pulling"), held: map[uint64]uint64{}, size: map[uint64]uint64{}}
	if !a.json && isTerminal(a.err) {
		b.w = raw(a.err)
	}
	return b
}

// set takes in how far one pull is.
func (b *bar) set(p *nodepb.Pulled) {
	if b.w == nil {
		return
	}
	if p.State == "pulling" {
		b.held[p.DealId], b.size[p.DealId] = p.Held, p.Size
	} else if p.Size > 0 && b.size[p.DealId] > 0 {
		b.held[p.DealId] = b.size[p.DealId]
	}
	held, size := sum(b.held), sum(b.size)
	if held >= size {
		b.hide()
		b.bar = nil
		clear(b.held)
		clear(b.size)
		return
	}
	if b.bar == nil {
		b.bar = newProgress(b.w, b.what, size)
	}
	if b.bar.GetMax64() != int64(size) {
		b.bar.ChangeMax64(int64(size))
	}
	_ = b.bar.Set64(int64(held))
}

// newProgress is a line on a terminal that says how many of so many bytes. It moves
// the cursor, so w is raw and the text must be clean.
func newProgress(w io.Writer, what string, size uint64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(int64(size), progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(clean(what)), progressbar.OptionShowBytes(true), progressbar.OptionShowCount(),
		progressbar.OptionUseIECUnits(true),
		progressbar.OptionSetWidth(barWidth), progressbar.OptionSetPredictTime(true))
}

const barWidth = 30

// gauge shows how far one thing is, step after step, on a terminal only.
type gauge struct {
	w    io.Writer // nil: no terminal
	step string
	bar  *progressbar.ProgressBar
}

func (a *app) newGauge() *gauge {
	g := &gauge{}
	if !a.json && isTerminal(a.err) {
		g.w = raw(a.err)
	}
	return g
}

// set takes in how far a step is; done of size is its end.
func (g *gauge) set(step string, done, size uint64) {
	if step != g.step || done >= size {
		g.hide()
		g.bar, g.step = nil, step
	}
	if g.w == nil || done >= size {
		return
	}
	if g.bar == nil {
		g.bar = newProgress(g.w, step, size)
	}
	_ = g.bar.Set64(int64(done))
}

// hide clears the line, for other text.
func (g *gauge) hide() {
	if g.bar != nil {
		_ = g.bar.Clear()
	}
}

// hide clears the bar's line, for other text.
func (b *bar) hide() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}

func sum(of map[uint64]uint64) (total uint64) {
	for _, n := range of {
		total += n
	}
	return total
}
