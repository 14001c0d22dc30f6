package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// Options say how to run the demo.
type Options struct {
	Dir           string // empty: a new temporary folder
	Pdx, Localnet string // the two programs
	Patients      uint64 // people in each dataset
	Stay          bool   // leave the market running until ctx ends
	Progress      io.Writer
	Texts         *message.Catalog
}

const (
	price     pdx.Amount = 100_000_000 // of a dataset
	allowance pdx.Amount = 500_000_000
	bond      pdx.Amount = 100_000_000
	// leastPayout is the smallest balance that a node withdraws unasked.
	leastPayout pdx.Amount = 1_000_000
	deadline               = 2 * time.Minute
)

// chainFlags make a chain whose deals pass in seconds, not days.
var chainFlags = []string{
	"--block-interval", "300ms", "--min-bond", "100MED", "--offer-deposit", "1MED",
	"--deadlines", "certify=60s,ack=60s,key=60s,dispute=2s",
}

// demo is one run.
type demo struct {
	Options
	begun  time.Time
	fleet  *procs.Fleet
	buyer  *procs.Member
	checks []*procs.Member // validators
	seller []*procs.Member
	pool   uint64
	report Report
}

// Run runs the demo and reports what happened. All processes have ended when it
// returns; the folder with the records stays.
func Run(ctx context.Context, o Options) (report Report, err error) {
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "pdx-demo-"); err != nil {
			return report, err
		}
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return report, err
	}
	d := &demo{Options: o, begun: time.Now(), fleet: procs.New(procs.Config{Dir: o.Dir, Pdx: o.Pdx, Localnet: o.Localnet})}
	d.report.Folder = o.Dir
	err = d.run(ctx)
	if err = errors.Join(err, d.fleet.Stop()); err != nil {
		return d.report, fmt.Errorf("%w; %s", err, o.Texts.Text("demo.logs", "folder", o.Dir))
	}
	fmt.Fprintf(o.Progress, "\n%s\n", o.Texts.Text("demo.done", "seconds", fmt.Sprintf("%.0f", d.report.Seconds), "folder", o.Dir))
	return d.report, nil
}

func (d *demo) run(ctx context.Context) error {
	running, cancel := context.WithTimeoutCause(ctx, deadline, errors.New(d.Texts.Text("demo.too_long", "limit", deadline)))
	defer cancel()
	for _, step := range d.steps() {
		d.print(step.what)
		if err := step.do(running); err != nil {
			return fmt.Errorf("%s: %w", step.what, cmp.Or(context.Cause(running), err))
		}
	}
	d.report.Seconds = time.Since(d.begun).Seconds()
	d.report.print(d.Progress, d.Texts)
	if d.Stay {
		d.stay(ctx)
	}
	return nil
}

type step struct {
	what string
	do   func(context.Context) error
}

func (d *demo) steps() []step {
	return []step{
		{d.Texts.Text("demo.step.chain"), func(ctx context.Context) error { return d.fleet.StartChain(ctx, chainFlags...) }},
		{d.Texts.Text("demo.step.nodes", "amount", allowance.MED()), d.setUp},
		{d.Texts.Text("demo.step.register", "bond", bond.MED()), d.register},
		{d.Texts.Text("demo.step.data"), d.makeData},
		{d.Texts.Text("demo.step.pool", "price", price.MED()), d.openPool},
		{d.Texts.Text("demo.step.pull"), d.pull},
		{d.Texts.Text("demo.step.broken"), d.sellBroken},
		{d.Texts.Text("demo.step.sell"), d.sellGood},
		{d.Texts.Text("demo.step.settle"), d.settle},
		{d.Texts.Text("demo.step.conclude"), d.conclude},
	}
}

// fail returns an error of a kind with a text of the catalogue.
func (d *demo) fail(kind error, key string, args ...any) error {
	return fmt.Errorf("%w: %s", kind, d.Texts.Text(key, args...))
}

// say prints a detail of the step in progress.
func (d *demo) say(key string, args ...any) { d.print("  " + d.Texts.Text(key, args...)) }

func (d *demo) print(text string) {
	fmt.Fprintf(d.Progress, "%5.1fs  %s\n", time.Since(d.begun).Seconds(), text)
}

// stay leaves the market to be explored.
func (d *demo) stay(ctx context.Context) {
	fmt.Fprintf(d.Progress, "\n%s\n", d.Texts.Text("demo.stays"))
	for _, m := range d.fleet.Members() {
		fmt.Fprintf(d.Progress, "  %s --home %s status\n", d.Pdx, m.Home)
	}
	<-ctx.Done()
}

// ask polls a node until what holds of its answer, or ctx ends.
func (d *demo) ask(ctx context.Context, what func(context.Context) (bool, error)) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		done, err := what(ctx)
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// deal reads a deal from the chain, through the buyer's node.
func (d *demo) deal(ctx context.Context, id uint64) (*nodepb.Deal, error) {
	res, err := d.buyer.Client().GetDeal(ctx, &nodepb.GetDealRequest{Id: id})
	if err != nil {
		return nil, err
	}
	return res.Deal, nil
}
