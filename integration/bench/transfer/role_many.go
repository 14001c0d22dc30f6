package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// rolePullMany pulls small blobs to disk, all at once.
func rolePullMany(ctx context.Context, config string) (err error) {
	var c pullConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	ids, err := readRoots(c.Roots)
	if err != nil {
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
	return timed(c, func(*pulled) error {
		failed, err := client.PullMany(ctx, from[0], ids, nil)
		if err != nil {
			return fmt.Errorf("pull: %w", err)
		}
		if len(failed) > 0 {
			return fmt.Errorf("pull: %w: %d of %d blobs did not come", pdx.ErrUnavailable, len(failed), len(ids))
		}
		return nil
	})
}

// writeRoots keeps roots in a file: they are too many for an argument.
func writeRoots(path string, ids []pdx.ContentID) error {
	b := make([]byte, 0, len(ids)*32)
	for _, id := range ids {
		b = append(b, id[:]...)
	}
	return os.WriteFile(path, b, 0o600)
}

func readRoots(path string) (ids []pdx.ContentID, err error) {
	b, err := os.ReadFile(path)
	for ; len(b) >= 32; b = b[32:] {
		ids = append(ids, pdx.ContentID(b[:32]))
	}
	return ids, err
}
