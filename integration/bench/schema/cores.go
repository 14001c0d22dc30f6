package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/integration/bench"
)

// repeated is a text again and again.
type repeated string

// ReadAt implements io.ReaderAt.
func (r repeated) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		n += copy(p[n:], r[(off+int64(n))%int64(len(r)):])
	}
	return n, nil
}

// streamOf is a source of whole copies of a text, of about size bytes.
func streamOf(text string, size int64) format.Source {
	copies := max(1, size/int64(len(text)))
	return format.Source{ReaderAt: repeated(text), Size: copies * int64(len(text))}
}

// measureCores compares one goroutine with two, and both with a child, by the clock.
func measureCores(ctx context.Context) error {
	f := newFlat(1_000)
	src := streamOf(f.lines, 512<<20)
	one, err := f.checker(criteria.NDJSON)
	if err != nil {
		return err
	}
	two, err := f.checker(criteria.NDJSON, criteria.WithWorkers(2))
	if err != nil {
		return err
	}
	jailed, end, err := inJail(ctx, f)
	if err != nil {
		return err
	}
	defer end()
	rates, err := best(
		func() (float64, error) { return clocked(ctx, one, src, nil) },
		func() (float64, error) { return clocked(ctx, two, src, nil) },
		func() (float64, error) { return clocked(ctx, jailed, src, nil) },
		func() (float64, error) { return copied(src) },
	)
	if err != nil {
		return err
	}
	table := bench.Table{
		Name: "cores", Title: "The flat table as NDJSON, in MB a second by the clock",
		Columns: []string{"MB/s", "× one core"},
	}
	table.Note("Only on an otherwise idle machine of two cores or more do these ratios say anything.")
	for i, name := range []string{"one core", "two cores", "in a child, which has two", "the bytes read, and nothing done"} {
		table.Add(name, rates[i], ratio(rates[i], rates[0]))
	}
	return table.Report()
}

// inJail is a checker in a child process.
func inJail(ctx context.Context, f flat) (criteria.DatasetChecker, func(), error) {
	j, err := jail.New(jail.Config{Program: jail.Self(), Formats: criteria.Formats()})
	if err != nil {
		return nil, nil, err
	}
	doc, err := f.document(criteria.NDJSON)
	if err != nil {
		return nil, nil, err
	}
	c, err := j.Checker(ctx, doc, criteria.Bundle(), doc.Pointers())
	if err != nil {
		return nil, nil, err
	}
	return c, func() { c.Close(); j.Close() }, nil
}

func clocked(ctx context.Context, c interface {
	CheckKeys(ctx context.Context, data format.Source, keys criteria.Keys, progress func(bytes uint64)) (criteria.Report, error)
}, src format.Source, progress func(uint64),
) (float64, error) {
	began := time.Now()
	report, err := c.CheckKeys(ctx, src, nil, progress)
	if err != nil {
		return 0, err
	}
	if !report.OK() {
		return 0, fmt.Errorf("records break the criteria: %v", report.Findings)
	}
	return float64(src.Size) / 1e6 / time.Since(began).Seconds(), nil
}

func copied(src format.Source) (float64, error) {
	began := time.Now()
	if _, err := io.Copy(io.Discard, src.Reader()); err != nil {
		return 0, err
	}
	return float64(src.Size) / 1e6 / time.Since(began).Seconds(), nil
}

// measureStream checks a stream of a size in a child, and says how much memory both took.
func measureStream(ctx context.Context, size int64) error {
	f := newFlat(1_000)
	src := streamOf(f.lines, size)
	c, end, err := inJail(ctx, f)
	if err != nil {
		return err
	}
	defer end()
	var child, own float64
	mb, err := clocked(ctx, c, src, func(bytes uint64) {
		if bytes>>20%128 == 0 {
			child, own = max(child, childPeak()), max(own, peakOf("self"))
		}
	})
	if err != nil {
		return err
	}
	if child == 0 {
		return errors.New("the system does not tell the memory of a child")
	}
	table := bench.Table{
		Name: "stream", Title: fmt.Sprintf("A stream of %d GiB of the flat table as NDJSON, checked in a child", size>>30),
		Columns: []string{"MB/s", "child, MiB at most", "parent, MiB at most"},
	}
	table.Add("stream", mb, child, own)
	return table.Report()
}

// childPeak is the most memory that a child of this process had, in MiB.
func childPeak() (most float64) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0
	}
	for _, task := range tasks {
		children, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err != nil {
			continue
		}
		for _, pid := range strings.Fields(string(children)) {
			most = max(most, peakOf(pid))
		}
	}
	return most
}

// peakOf is the most memory that a process had, in MiB; 0 if the system does not say.
func peakOf(pid string) float64 {
	raw, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	for text := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(text, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kilobytes / 1024
		}
	}
	return 0
}
