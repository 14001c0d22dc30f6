package jail

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
)

// Verb is the only argument of a child.
const Verb = "parse-foreign-bytes"

// Main is the whole of a child's life, if this process is one; else it returns at once, and
// Self is this program from then on. A program that starts children calls it first in its
// main function.
func Main(formats *format.Registry) {
	if len(os.Args) != 2 || os.Args[1] != Verb {
		self.Store(true)
		return
	}
	runtime.LockOSThread() // some fences are a thread's: what is foreign is read on this one
	var fences Fences
	var err error
	if !raced {
		fences, err = fence()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitUnfenced)
	}
	engine := criteria.InChild(formats, criteria.WithWorkers(fences.workers()))
	c := &child{in: bufio.NewReaderSize(os.Stdin, 64<<10), out: os.Stdout, formats: formats, engine: engine}
	if err := c.serve(fences); err != nil {
		os.Exit(exitProtocol)
	}
	os.Exit(0)
}

// self is set when this process has passed Main.
var self atomic.Bool

// Self is the path of this program, if it can be a child; else it is empty.
func Self() string {
	if !self.Load() {
		return ""
	}
	if _, err := os.Stat(ownFile); err == nil { // also when an update has replaced the file
		return ownFile
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return path
}

const ownFile = "/proc/self/exe"

// The exit codes of a child; Go's runtime has 2.
const (
	exitProtocol = 70
	exitUnfenced = 71
)

// child is the side of the child.
type child struct {
	in      io.Reader
	out     io.Writer
	buf     []byte // of messages that are sent
	read    []byte // of messages that come
	formats *format.Registry
	engine  criteria.Engine
	checker criteria.DatasetChecker // of the last compile
}

// serve works through jobs until its parent sends no more.
func (c *child) serve(fences Fences) error {
	hello, err := json.Marshal(fences)
	if err != nil {
		return err
	}
	if err := c.send(kindHello, hello); err != nil {
		return err
	}
	for {
		raw, err := c.receive(kindJob)
		if err == io.EOF { //nolint:errorlint // an end within a message is another error
			return nil
		}
		var j job
		if err == nil {
			err = decode(raw, &j)
		}
		if err != nil {
			return err
		}
		done, err := json.Marshal(c.work(j))
		if err != nil {
			return err
		}
		if len(done) > maxResult {
			done, _ = json.Marshal(failed(fmt.Errorf("%w: the names of its fields are too long", criteria.ErrData)))
		}
		if err := c.send(kindResult, done); err != nil {
			return err
		}
	}
}

// work does a job. A panic of a parser is the end of this job only, if it can be caught.
func (c *child) work(j job) (done result) {
	defer func() {
		if thrown := recover(); thrown != nil {
			done = result{Kind: kindPanic}
		}
	}()
	done, err := c.do(context.Background(), j)
	if err != nil {
		return failed(err)
	}
	return done
}

func (c *child) do(ctx context.Context, j job) (result, error) {
	src := format.Source{ReaderAt: &remote{child: c, size: j.Size}, Size: j.Size}
	switch j.Verb {
	case verbCompile:
		return c.compile(ctx, j)
	case verbCheck:
		return c.check(ctx, j, src)
	case verbBroken:
		return c.broken(ctx, j, src)
	case verbBoth:
		return c.both(ctx, j, src)
	case verbFirst:
		return c.first(ctx, j, src)
	case verbRows:
		return c.rows(ctx, j, src)
	case verbTabulate:
		return c.tabulate(ctx, j, src)
	}
	f, err := c.formats.Get(j.MediaType)
	if err != nil {
		return result{}, err
	}
	file, ok := f.(format.File)
	if !ok {
		return result{}, fmt.Errorf("%w: %s is not a format of files", errFrame, j.MediaType)
	}
	switch j.Verb {
	case verbSurvey:
		s, err := c.engine.Survey(ctx, src, file)
		return result{Records: s.Records, Fields: s.Fields, Notes: s.Notes}, err
	case verbProject:
		p, err := c.engine.Project(ctx, outputWriter{c}, src, file, j.disclosure())
		return result{Records: p.Records, Bytes: p.Bytes}, err
	case verbCount:
		n, err := c.engine.Count(ctx, src, file)
		return result{Records: n}, err
	}
	return result{}, fmt.Errorf("%w: no such job", errFrame)
}

// compile makes ready to check against a document.
func (c *child) compile(ctx context.Context, j job) (result, error) {
	doc, err := criteria.Parse(j.Document)
	if err != nil {
		return result{}, err
	}
	if c.checker, err = c.engine.Checker(ctx, doc, c.schema, j.Fields); err != nil {
		return result{}, err
	}
	return result{Resources: c.checker.Resources()}, nil
}

var errNoChecker = fmt.Errorf("%w: nothing to check against", errFrame)

func (c *child) first(ctx context.Context, j job, src format.Source) (result, error) {
	if c.checker == nil {
		return result{}, errNoChecker
	}
	first, err := c.checker.First(ctx, src, j.Limit, j.Most)
	return result{First: first}, err
}

func (c *child) broken(ctx context.Context, j job, src format.Source) (result, error) {
	if c.checker == nil {
		return result{}, errNoChecker
	}
	report, broken, err := c.checker.CheckBroken(ctx, src, j.Most, c.count)
	done := resultOf(report)
	done.BrokenRecords = broken
	return done, err
}

// both projects and checks. Only the projection talks to the parent meanwhile: the check
// tells nobody how far it is, which the reads of the data show.
func (c *child) both(ctx context.Context, j job, src format.Source) (result, error) {
	if c.checker == nil {
		return result{}, errNoChecker
	}
	p, err := c.checker.CheckProjection(ctx, outputWriter{c}, src, j.disclosure(), j.Most)
	done := resultOf(p.Report)
	done.BrokenRecords, done.Written = p.Broken, &p.Written
	return done, err
}

// count tells how far a check is.
func (c *child) count(bytes uint64) {
	_ = c.send(kindCount, binary.LittleEndian.AppendUint64(nil, bytes)) // what is broken shows at the next read
}

func (c *child) check(ctx context.Context, j job, src format.Source) (result, error) {
	if c.checker == nil {
		return result{}, errNoChecker
	}
	var keys criteria.Keys
	sent := &keyWriter{child: c}
	if j.Keys {
		keys = sent
	}
	report, err := c.checker.CheckKeys(ctx, src, keys, c.count)
	if err == nil {
		err = sent.flush()
	}
	return resultOf(report), err
}

func resultOf(r criteria.Report) result {
	return result{
		Records: r.Records, Bytes: r.Bytes, Reason: uint32(r.Reason), Total: r.Total, Findings: r.Findings,
		Broken: r.Broken, ByRule: r.ByRule, Figures: r.Figures,
	}
}

func (c *child) send(kind byte, parts ...[]byte) (err error) {
	c.buf, err = writeFrame(c.out, c.buf, kind, parts...)
	return err
}

// receive reads the next message, which must be of that kind. It is valid until the next
// one is read.
func (c *child) receive(kind byte) ([]byte, error) {
	got, body, err := readFrame(c.in, c.read, maxFrame)
	if err != nil {
		return nil, err
	}
	if got != kind {
		return nil, errFrame
	}
	c.read = body
	return body, nil
}
