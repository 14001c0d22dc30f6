package main

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// honesty is how many bytes a cheat serves before it cheats.
const honesty = 1 << 20

// cheat returns the store as a cheat shows it.
func cheat(how string, s blob.Store) (blob.Store, error) {
	switch how {
	case "":
		return s, nil
	case "lie":
		return &cheating{Store: s, then: flip}, nil
	case "stall":
		return &cheating{Store: s, then: hang}, nil
	}
	return nil, fmt.Errorf("cheat %q: %w", how, pdx.ErrInvalid)
}

// cheating is a store whose blobs go wrong after a while.
type cheating struct {
	blob.Store
	sent atomic.Uint64
	then func(io.Writer, []byte) (int, error)
}

// Open returns a blob that goes wrong.
func (c *cheating) Open(ctx context.Context, id pdx.ContentID) (blob.Blob, error) {
	b, err := c.Store.Open(ctx, id)
	return cheatingBlob{b, c}, err
}

type cheatingBlob struct {
	blob.Blob
	of *cheating
}

// WriteSlice goes wrong when enough was sent.
func (b cheatingBlob) WriteSlice(w io.Writer, run bao.Range) error {
	return b.Blob.WriteSlice(cheatingWriter{w, b.of}, run)
}

type cheatingWriter struct {
	io.Writer
	of *cheating
}

func (w cheatingWriter) Write(p []byte) (int, error) {
	if w.of.sent.Add(uint64(len(p))) < honesty {
		return w.Writer.Write(p)
	}
	return w.of.then(w.Writer, p)
}

// flip writes with one wrong bit.
func flip(w io.Writer, p []byte) (int, error) {
	wrong := append([]byte(nil), p...)
	wrong[len(wrong)/2] ^= 1
	return w.Write(wrong)
}

// hang writes no more, for as long as the process lives.
func hang(io.Writer, []byte) (int, error) {
	select {}
}
