// Command compare measures two commits beside each other and prints benchstat's
// table: a pull over loopback, many small blobs, a pull beside hostile peers, and
// sealing.
//
//	compare [flags] OLD NEW
//
// Each commit is built once, in a git worktree of its own. The rounds are
// interleaved, so that what else the machine does falls on both alike; every
// second round begins with the new commit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// settings are what the flags say.
type settings struct {
	rounds    int
	size      string
	many      int
	hostile   int
	benchstat string
	out       string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("compare: ")
	var s settings
	flag.IntVar(&s.rounds, "rounds", 10, "how often each commit is measured")
	flag.StringVar(&s.size, "size", "1GiB", "bytes of the blob in pulls")
	flag.IntVar(&s.many, "many", 100_000, "how many small blobs")
	flag.IntVar(&s.hostile, "hostile", 1000, "how many hostile peers")
	flag.StringVar(&s.benchstat, "benchstat", "benchstat", "the program benchstat")
	flag.StringVar(&s.out, "out", "bin/compare", "a folder for the raw results, old.txt and new.txt")
	flag.Parse()
	if flag.NArg() != 2 || s.rounds < 1 {
		log.Fatal("name two commits and at least one round: compare -rounds 10 OLD NEW")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := s.run(ctx, flag.Arg(0), flag.Arg(1)); err != nil {
		stop()
		log.Fatal(err) //nolint:gocritic // stop has been called
	}
}

func (s settings) run(ctx context.Context, old, new string) (err error) {
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "pdx-compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a folder of temporary files
	sides := []*side{
		{name: "old", commit: old, dir: filepath.Join(dir, "old"), out: filepath.Join(s.out, "old.txt")},
		{name: "new", commit: new, dir: filepath.Join(dir, "new"), out: filepath.Join(s.out, "new.txt")},
	}
	for _, side := range sides {
		defer func() { err = errors.Join(err, side.remove(context.WithoutCancel(ctx))) }()
		if err := side.build(ctx); err != nil {
			return fmt.Errorf("build %s: %w", side.commit, err)
		}
	}
	for round := range s.rounds {
		for i := range sides {
			side := sides[(i+round)%len(sides)]
			log.Printf("round %d of %d: %s", round+1, s.rounds, side.name)
			if err := side.measure(ctx, s); err != nil {
				return fmt.Errorf("measure %s: %w", side.commit, err)
			}
		}
	}
	table, err := output(ctx, "", nil, s.benchstat, "old="+sides[0].out, "new="+sides[1].out)
	fmt.Print(string(table))
	return err
}
