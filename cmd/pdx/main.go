package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/node/store"
)

func main() { os.Exit(process(store.DefaultWorkFactor)) }

// process runs the command line of this process and returns the exit code.
func process(workFactor int) int {
	jail.Main(criteria.Formats()) // a child does nothing else
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{streams: streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}, workFactor: workFactor}
	return a.run(ctx, os.Args[1:])
}

// run runs a command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	a.out, a.err = onDisplay(a.out), onDisplay(a.err)
	setColours(colourAuto, a.out, a.err) // until the flags are read
	root := a.command()
	a.json = wantsJSON(args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return a.finish(ctx, err)
}
