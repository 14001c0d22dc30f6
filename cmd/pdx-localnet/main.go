package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(process()) }

// process is main but for the exit. A second signal ends the process at once.
func process() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	defer stop()
	return run(ctx, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:])
}

// streams are where a process reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is process without its surroundings: it returns the exit code.
func run(ctx context.Context, s streams, args []string) int {
	c := &cli{streams: s}
	root := c.command()
	root.SetArgs(args)
	return c.finish(ctx, root.ExecuteContext(ctx))
}
