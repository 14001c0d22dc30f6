package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/medibloc/pdx"
)

// settings are what the flags say.
type settings struct {
	size    bytesFlag
	rounds  int
	dir     string
	rivals  string
	profile string
	only    string
	tcp     string
	mtu     int
	kills   int
	hostile int
	many    int
	seed    uint64
}

// scenario is one thing to measure. Its run prints and keeps tables.
type scenario struct {
	name, about string
	run         func(context.Context, *bencher) error
}

func scenarios() []scenario {
	return []scenario{
		{"loopback", "every way to move a blob, on loopback", runLoopback},
		{"delay", "every way to move a blob, at 1 Gbit/s and 63 and 200 ms", runDelay},
		{"sources", "two sources of 100 Mbit/s each: honest, and one that lies or stalls", runSources},
		{"copies", "sealing up to -size, with a copy of the ciphertext and without", runCopies},
		{"memory", "a blob of -size and one of 16 times that", runMemory},
		{"kills", "pulls that are killed -kills times", runKills},
		{"many", "-many blobs of 1 KiB at once, and one of the same bytes", runMany},
		{"hostile", "a pull beside -hostile hostile peers", runHostile},
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == roleWord {
		os.Exit(runRole(os.Args[2:]))
	}
	os.Exit(runBench(os.Args[1:]))
}

// runBench runs the benchmark, until a signal at most, and returns the exit code.
func runBench(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, args); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "transfer:", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, args []string) error {
	s := settings{size: 1 << 30}
	flags := flag.NewFlagSet("transfer", flag.ContinueOnError)
	flags.Var(&s.size, "size", "bytes of the blob, with KiB, MiB or GiB")
	flags.IntVar(&s.rounds, "rounds", 3, "how often each way is measured; figures are medians")
	flags.StringVar(&s.dir, "dir", os.TempDir(), "where blobs are kept while they are measured: the disk that counts")
	flags.StringVar(&s.rivals, "rivals", "", "the program of ../rivals, for bitswap")
	flags.StringVar(&s.profile, "profile", "", "a folder for processor profiles of the pdx processes")
	flags.StringVar(&s.only, "only", "", "ways to move a blob, with commas (stream, pdx, bitswap, kubo, kubopin, …); all if empty")
	flags.StringVar(&s.tcp, "tcp", "large,stock", "TCP buffers in scenarios with a delay: large, stock, or both")
	flags.IntVar(&s.mtu, "mtu", 1500, "bytes of a packet in scenarios with a delay")
	flags.IntVar(&s.kills, "kills", 100, "how often the puller is killed in scenario kills")
	flags.IntVar(&s.hostile, "hostile", 1000, "how many peers are hostile in scenario hostile")
	flags.IntVar(&s.many, "many", 100_000, "how many small blobs are pulled in scenario many")
	flags.Uint64Var(&s.seed, "seed", 1, "of the moments at which scenario kills kills")
	flags.Usage = func() { printUsage(flags) }
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(flags.Args())
	if err != nil {
		return err
	}
	return measure(ctx, s, chosen)
}

func printUsage(flags *flag.FlagSet) {
	fmt.Fprint(flags.Output(), "usage: transfer [flags] SCENARIO …\n\n")
	for _, s := range scenarios() {
		fmt.Fprintf(flags.Output(), "  %-10s %s\n", s.name, s.about)
	}
	fmt.Fprint(flags.Output(), "  all        each of these\n\n")
	flags.PrintDefaults()
}

func choose(names []string) (chosen []scenario, err error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: name a scenario, or all; -h lists them", pdx.ErrInvalid)
	}
	for _, name := range names {
		before := len(chosen)
		for _, s := range scenarios() {
			if s.name == name || name == "all" {
				chosen = append(chosen, s)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("scenario %q: %w: there is none of that name; -h lists them", name, pdx.ErrInvalid)
		}
	}
	return chosen, nil
}

// measure runs the scenarios in a folder that is removed afterwards.
func measure(ctx context.Context, s settings, chosen []scenario) error {
	dir, err := os.MkdirTemp(s.dir, "pdx-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a folder of temporary files
	if s.profile != "" {
		if err := os.MkdirAll(s.profile, 0o755); err != nil {
			return err
		}
		if s.profile, err = filepath.Abs(s.profile); err != nil {
			return err
		}
	}
	b := &bencher{settings: s, dir: dir}
	for _, scenario := range chosen {
		err := scenario.run(ctx, b)
		if errors.Is(err, errSkip) {
			fmt.Printf("\n%s: left out: %v\n", scenario.name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", scenario.name, err)
		}
	}
	return ctx.Err()
}

// errSkip: this machine cannot run the scenario.
var errSkip = errors.New("not on this machine")

// bencher is a run.
type bencher struct {
	settings
	dir string
}

// wants reports whether a way to move bytes was selected.
func (b *bencher) wants(name string) bool {
	return b.only == "" || strings.Contains(","+b.only+",", ","+name+",")
}
