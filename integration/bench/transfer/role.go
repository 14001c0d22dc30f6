package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// roles are the processes at the ends: each gets its configuration as JSON.
var roles = map[string]func(ctx context.Context, config string) error{
	"serve-blob":   roleServeBlob,
	"pull-blob":    rolePullBlob,
	"pull-many":    rolePullMany,
	"serve-stream": roleServeStream,
	"pull-stream":  rolePullStream,
	"serve-tcp":    roleServeTCP,
	"pull-tcp":     rolePullTCP,
	"hostile":      roleHostile,
}

func runRole(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if len(args) != 2 || roles[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "transfer role: started by hand")
		return 2
	}
	if err := roles[args[0]](ctx, args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "transfer role", args[0]+":", err)
		return 1
	}
	return 0
}

// say writes one JSON value to the parent.
func say(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }

// untilTold waits until the parent closes standard input.
func untilTold() { _, _ = io.Copy(io.Discard, os.Stdin) }

// usage is what a process has used.
type usage struct {
	CPU    float64 // seconds of processor
	Memory uint64  // bytes of memory at most (RSS)
}
