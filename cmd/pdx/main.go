package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run is main without the process: it returns the exit code.
func run(ctx context.Context, s streams, args []string) int {
	app := &app{streams: s}
	root := app.command()
	app.json = wantsJSON(args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return app.finish(ctx, err)
}
