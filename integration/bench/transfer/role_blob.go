package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/p2p/stream"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

const chainID = "bench"

// stopTime is how long a server waits for its pullers, as a node does.
const stopTime = 5 * time.Second

// serveConfig is for all roles that serve.
type serveConfig struct {
	Address string
	Way     way
	Store   string // serve-blob: folder of the store
	Cheat   string // serve-blob: "lie" or "stall", after the first MiB
	Served  bool   // serve-blob: all was served before
	Plain   string // serve-blob: the file from which the store's blobs are sealed again
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
	store, err := fs.Open(c.Store, fs.WithOrigin(sealedFrom(c.Plain)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if c.Served {
		if err := serveOnce(ctx, store); err != nil {
			return err
		}
	}
	h, err := newHost(c.Address, c.Way)
	if err != nil {
		return err
	}
	defer h.Close()
	everybody := transfer.AuthorizerFunc(func(context.Context, peer.ID, pdx.ContentID) error { return nil })
	cheating, err := cheat(c.Cheat, store)
	if err != nil {
		return err
	}
	count := prometheus.NewRegistry()
	server, err := transfer.NewServer(h, chainID, cheating, everybody, transfer.WithMetrics(transfer.NewMetrics(count)))
	if err != nil {
		return err
	}
	if err := server.Start(ctx); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		stopped := server.Stop(ctx)
		if cut := new(stream.CutError); !errors.As(stopped, &cut) { // hostile pullers do not finish
			err = errors.Join(err, stopped)
		}
	}()
	at, err := addresses(h)
	if err != nil {
		return err
	}
	return untilStopped(c, at, func() uint64 { return counted(count, "pdx_transfer_served_bytes_total") })
}

// serveOnce does with all blobs what their first puller makes a server do.
func serveOnce(ctx context.Context, store *fs.Store) error {
	for info, err := range store.List(ctx) {
		if err != nil {
			return err
		}
		b, err := store.Open(ctx, info.ID)
		if err != nil {
			return err
		}
		err = errors.Join(b.WriteSlice(io.Discard, bao.All(info.Size)), b.Close())
		if err != nil {
			return err
		}
	}
	return nil
}

// counted returns the value of a counter.
func counted(r *prometheus.Registry, name string) uint64 {
	families, err := r.Gather()
	if err != nil {
		panic(fmt.Sprintf("gather metrics: %v", err))
	}
	for _, f := range families {
		if f.GetName() == name {
			return uint64(f.GetMetric()[0].GetCounter().GetValue())
		}
	}
	panic("no metric " + name)
}

// serverReport is what a server says at its end.
type serverReport struct {
	usage
	Sent       uint64 // bytes of bodies
	Goroutines int    // at most
}

// untilStopped says that the server is ready, waits for the parent and reports.
func untilStopped(c serveConfig, at []string, sent func() uint64) error {
	done, err := profiling(c.Profile, c.Name)
	if err != nil {
		return err
	}
	if err := say(served{Addresses: at}); err != nil {
		return err
	}
	peak := peakGoroutines()
	untilTold()
	done()
	return say(serverReport{usage: used(), Sent: sent(), Goroutines: peak()})
}

// peakGoroutines counts goroutines until the returned function is called, which
// tells how many there were at most.
func peakGoroutines() func() int {
	stop, peak := make(chan struct{}), make(chan int)
	go func() {
		most := 0
		for tick := time.Tick(50 * time.Millisecond); ; {
			most = max(most, runtime.NumGoroutine())
			select {
			case <-tick:
			case <-stop:
				peak <- most
				return
			}
		}
	}()
	return func() int { close(stop); return <-peak }
}

// pullConfig is for all roles that pull.
type pullConfig struct {
	Address string
	Way     way
	From    []string
	Root    pdx.ContentID
	Size    uint64
	Store   string // pull-blob, pull-many: folder of the store
	Roots   string // pull-many: a file
	Profile string
	Name    string
	// DieAfter makes pull-blob kill itself, as kill -9 does, when it has pulled so
	// many bytes; 0 never does.
	DieAfter uint64
}

// pulled is the report of a puller.
type pulled struct {
	Seconds float64
	Fetched uint64   // bytes of verified segments
	Liars   []string // what was wrong with those who sent wrong bytes
	Began   uint64   // bytes held at the beginning
	Held    uint64   // bytes held at the end
	Dies    bool     // it is about to kill itself
	usage
}

// timed runs fn, profiled, and reports.
func timed(c pullConfig, fn func(*pulled) error) error {
	if err := say(struct{}{}); err != nil {
		return err
	}
	done, err := profiling(c.Profile, c.Name)
	if err != nil {
		return err
	}
	report, start := pulled{Fetched: c.Size}, time.Now()
	err = fn(&report)
	report.Seconds = time.Since(start).Seconds()
	done()
	if err != nil {
		return err
	}
	report.usage = used()
	return say(report)
}

// puller is a client, what it counts, and whom it pulls from.
type puller struct {
	*transfer.Client
	count *prometheus.Registry
	from  []peer.ID
}

// pulling gives do a puller that keeps what it pulls on disk, and times it.
func pulling(config string, do func(pullConfig, puller, *pulled) error) (err error) {
	var c pullConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	store, err := fs.Open(c.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	h, err := newHost(c.Address, c.Way)
	if err != nil {
		return err
	}
	defer h.Close()
	from, err := meet(h, c.From)
	if err != nil {
		return err
	}
	count := prometheus.NewRegistry()
	client, err := transfer.NewClient(transfer.ClientConfig{Host: h, ChainID: chainID, Store: store, Metrics: transfer.NewMetrics(count)})
	if err != nil {
		return err
	}
	return timed(c, func(report *pulled) error { return do(c, puller{client, count, from}, report) })
}

// rolePullBlob pulls a blob.
func rolePullBlob(ctx context.Context, config string) error {
	return pulling(config, func(c pullConfig, p puller, report *pulled) error {
		liars, err := p.PullFrom(ctx, transfer.From(p.from...), c.Root, c.Size, mortal(c, report))
		if err != nil {
			return fmt.Errorf("pull: %w", err)
		}
		for _, liar := range liars {
			report.Liars = append(report.Liars, liar.Error())
		}
		report.Fetched = counted(p.count, "pdx_transfer_pulled_bytes_total")
		return nil
	})
}

// mortal keeps the report's numbers, and ends the process when it is time.
func mortal(c pullConfig, report *pulled) func(held, total uint64) {
	first := true
	return func(held, _ uint64) {
		if first {
			report.Began, first = held, false
		}
		report.Held = max(report.Held, held)
		if c.DieAfter == 0 || report.Held-report.Began < c.DieAfter || report.Dies {
			return
		}
		report.Dies = true
		if say(report) == nil {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Kill()
			}
		}
	}
}
