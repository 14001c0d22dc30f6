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
}

const (
	price     pdx.Amount = 100_000_000 // of a dataset
	allowance pdx.Amount = 500_000_000
	bond      pdx.Amount = 100_000_000
	// leastPayout is the balance from which on a node withdraws by itself.
	leastPayout pdx.Amount = 1_000_000
	deadline             = 2 * time.Minute
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
		return d.report, fmt.Errorf("%w (logs are in %s)", err, o.Dir)
	}
	fmt.Fprintf(o.Progress, "\nDone in %.0f s; nothing is left running. The records and all logs are in %s\n", d.report.Seconds, o.Dir)
	return d.report, nil
}

func (d *demo) run(ctx context.Context) error {
	running, cancel := context.WithTimeoutCause(ctx, deadline, errors.New("the demo took too long"))
	defer cancel()
	for _, step := range d.steps() {
		d.say("%s", step.what)
		if err := step.do(running); err != nil {
			return fmt.Errorf("%s: %w", step.what, cmp.Or(context.Cause(running), err))
		}
	}
	d.report.Seconds = time.Since(d.begun).Seconds()
	d.report.print(d.Progress)
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
		{"starting a chain on this machine", func(ctx context.Context) error { return d.fleet.StartChain(ctx, chainFlags...) }},
		{"setting up a buyer, two validators and two sellers, each with " + allowance.MED(), d.setUp},
		{"registering the validators, with a bond of " + bond.MED() + " each", d.register},
		{"making synthetic health records on the sellers' machines", d.makeData},
		{"opening a pool for two datasets at " + price.MED() + " each; both validators must accept", d.openPool},
		{"ordering what is certified to be pulled", d.pull},
		{"selling records that break the criteria", d.sellBroken},
		{"selling both datasets", d.sellGood},
		{"waiting for certificates, pulls, acks, keys and payments", d.settle},
		{"comparing and counting", d.conclude},
	}
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.Progress, "%5.1fs  %s\n", time.Since(d.begun).Seconds(), fmt.Sprintf(format, args...))
}

// stay leaves the market to be explored.
func (d *demo) stay(ctx context.Context) {
	fmt.Fprintf(d.Progress, "\nThe market runs until Ctrl-C. Look around, for example:\n")
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
