// Conformance checks a running node by its address, and prints which rules of docs/spec it
// keeps. Anybody can run it against a node of any implementation:
//
//	go run ./integration/conformance --chain-id panacea-3 /ip4/203.0.113.7/tcp/4001/p2p/12D3Koo…
//
// or has a program of that implementation answer the vectors, which it reads as lines of JSON:
//
//	go run ./integration/conformance --vectors 'my-program its arguments'
//
// It exits with 1 if a check failed, and with 2 if none could be made.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/conformance/kit"
	"github.com/medibloc/pdx/integration/market"
)

func main() {
	code, err := conform(context.Background(), os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
	}
	os.Exit(code)
}

// Exit codes.
const (
	conforms = 0
	deviates = 1
	unusable = 2
)

func conform(ctx context.Context, args []string, out io.Writer) (int, error) {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	chainID := flags.String("chain-id", "", "chain whose protocols the node speaks (required)")
	public := flags.String("public", "", "CID of a blob that the node serves to anybody, such as criteria; else bodies are not checked")
	asJSON := flags.Bool("json", false, "print the results as JSON")
	noCodes := flags.Bool("no-codes", false, "the node's multiplexer shows no reset codes: take any reset")
	slow := flags.Bool("slow", false, "also make the checks that wait for a time limit")
	only := flags.String("only", "", "make only the checks whose names begin with this, such as hello/")
	vectors := flags.String("vectors", "", "instead of a node, check a program: it answers vectors on its standard input, in lines of JSON")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: conformance --chain-id ID [flags] /ip4/…/tcp/…/p2p/PEER")
		fmt.Fprintln(flags.Output(), "       conformance [--json] --vectors PROGRAM")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return conforms, nil
	} else if err == nil && *vectors != "" {
		return outcome(out, *asJSON, func() ([]kit.Result, error) { return answers(ctx, strings.Fields(*vectors)) })
	} else if err != nil || flags.NArg() != 1 || *chainID == "" {
		return unusable, errors.Join(err, errors.New("name --chain-id and one address; see --help"))
	}
	target := kit.Target{ChainID: *chainID, NoCodes: *noCodes, Slow: *slow, Only: *only}
	at, err := peer.AddrInfoFromString(flags.Arg(0))
	if err != nil {
		return unusable, fmt.Errorf("address: %w; it ends with /p2p/ and the peer id", err)
	}
	target.Peer = *at
	if *public != "" {
		if target.Public, err = pdx.ParseContentID(*public); err != nil {
			return unusable, fmt.Errorf("--public: %w", err)
		}
	}
	return outcome(out, *asJSON, func() ([]kit.Result, error) { return kit.Run(ctx, target) })
}

// answers checks a program in the repository that the working folder is in.
func answers(ctx context.Context, program []string) (results []kit.Result, err error) {
	if len(program) == 0 {
		return nil, errors.New("--vectors names no program")
	}
	root, err := market.ModuleRoot()
	if err != nil {
		return nil, err
	}
	ask, stop, err := kit.Program(ctx, program[0], program[1:]...)
	if err != nil {
		return nil, err
	}
	results, err = kit.RunVectors(root, ask)
	return results, errors.Join(err, stop())
}

// outcome makes checks, reports them and returns the exit code.
func outcome(out io.Writer, asJSON bool, check func() ([]kit.Result, error)) (int, error) {
	results, err := check()
	if err != nil {
		return unusable, err
	}
	failed := count(results, kit.Failed)
	if err := report(out, results, asJSON); err != nil || failed > 0 {
		return deviates, err
	}
	return conforms, nil
}

func count(results []kit.Result, o kit.Outcome) (n int) {
	for _, r := range results {
		if r.Outcome == o {
			n++
		}
	}
	return n
}

func report(out io.Writer, results []kit.Result, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(results)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.Outcome, r.ID, r.Section, r.Rule)
		if r.Reason != "" {
			fmt.Fprintf(table, "\t\t\t  %s\n", r.Reason)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n",
		count(results, kit.Passed), count(results, kit.Failed), count(results, kit.Skipped))
	return err
}
