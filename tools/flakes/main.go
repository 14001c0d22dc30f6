// Command flakes runs the tests of packages over and over, with the race
// detector, and prints what failed. Every second run competes with a burner that
// keeps all CPUs busy. The burner is part of this process, so it ends with it.
//
// It compiles the tests of each package once, keeps the output of each failed
// run in a file below the folder -out, and closes with one line, "N passed, N
// failed". It exits with 1 when a run failed, when no run took place and when it
// was interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	o := options{}
	flag.IntVar(&o.runs, "n", 100, "runs of each package")
	flag.StringVar(&o.filter, "run", "", "run only the tests that match this regular expression")
	flag.StringVar(&o.out, "out", filepath.Join("bin", "flakes"), "folder for the output of failed runs")
	flag.BoolVar(&o.race, "race", true, "use the race detector")
	flag.DurationVar(&o.timeout, "timeout", 40*time.Minute, "longest time for one run of one package")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: flakes [flags] PACKAGE…")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Stdout, o, flag.Args())
	stop()
	if err != nil {
		log.Fatalf("flakes: %v", err)
	}
}

type options struct {
	runs    int
	filter  string
	out     string
	race    bool
	timeout time.Duration
}

// run hunts in all packages that the patterns name and writes a line for each
// package and each failure to w. Any failed run makes it an error.
func run(ctx context.Context, w io.Writer, o options, patterns []string) error {
	if o.runs < 1 || len(patterns) == 0 {
		return errors.New("no work: name packages, and at least 1 run")
	}
	packages, err := list(ctx, patterns)
	if err != nil {
		return err
	}
	var passed, failed int
	for _, p := range packages {
		ok, bad := hunt(ctx, w, o, p)
		passed, failed = passed+ok, failed+bad
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", passed, failed)
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case failed > 0:
		return fmt.Errorf("%d runs failed: see %s", failed, o.out)
	case passed == 0:
		return errors.New("no package named has tests")
	}
	return nil
}
