package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

const chainID = "bench"

// serveConfig is for all roles that serve.
type serveConfig struct {
	Address string
	Store   string // serve-blob: folder of the store
	Stock   bool   // serve-stream: libp2p's own choice of connections
	Profile string
	Name    string // of the profile
}

// served is what a server says when it is ready.
type served struct {
	Addresses []string
}

// roleServeBlob serves a store to everybody.
func roleServeBlob(ctx context.Context, config string) (err error) {
	var c serveConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	store, err := fs.Open(c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	h, err := newHost(c.Address, false)
	if err != nil {
		return err
	}
	defer h.Close()
	everybody := transfer.GateFunc(func(context.Context, peer.ID, pdx.ContentID) error { return nil })
	server, err := transfer.NewServer(h, chainID, store, everybody)
	if err != nil {
		return err
	}
	if err := server.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx))) }()
	at, err := addresses(h)
	if err != nil {
		return err
	}
	return untilStopped(c, at)
}

// untilStopped says that the server is ready, waits for the parent and reports.
func untilStopped(c serveConfig, at []string) error {
	done, err := profiling(c.Profile, c.Name)
	if err != nil {
		return err
	}
	if err := say(served{Addresses: at}); err != nil {
		return err
	}
	untilTold()
	done()
	return say(used())
}

// pullConfig is for all roles that pull.
type pullConfig struct {
	Address string
	From    []string
	Root    pdx.ContentID
	Size    uint64
	Store   string // pull-blob: folder of the store
	Stock   bool   // pull-stream
	Profile string
	Name    string
}

// pulled is the report of a puller.
type pulled struct {
	Seconds float64
	usage
}

// timed runs fn, profiled, and reports.
func timed(c pullConfig, fn func() error) error {
	if err := say(struct{}{}); err != nil {
		return err
	}
	done, err := profiling(c.Profile, c.Name)
	if err != nil {
		return err
	}
	start := time.Now()
	err = fn()
	took := time.Since(start)
	done()
	if err != nil {
		return err
	}
	return say(pulled{Seconds: took.Seconds(), usage: used()})
}

// rolePullBlob pulls a blob to disk.
func rolePullBlob(ctx context.Context, config string) (err error) {
	var c pullConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	store, err := fs.Open(c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	h, err := newHost(c.Address, false)
	if err != nil {
		return err
	}
	defer h.Close()
	from, err := meet(h, c.From)
	if err != nil {
		return err
	}
	client, err := transfer.NewClient(h, chainID, store)
	if err != nil {
		return err
	}
	return timed(c, func() error {
		if err := client.Pull(ctx, from[0], c.Root, c.Size, nil); err != nil {
			return fmt.Errorf("pull: %w", err)
		}
		return nil
	})
}
