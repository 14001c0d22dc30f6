package main

import (
	"context"
	"fmt"
	"os"

	"github.com/medibloc/pdx"
)

// rolePullMany pulls small blobs, all at once.
func rolePullMany(ctx context.Context, config string) error {
	return pulling(config, func(c pullConfig, p puller, _ *pulled) error {
		ids, err := readRoots(c.Roots)
		if err != nil {
			return err
		}
		failed, err := p.PullMany(ctx, p.from[0], ids, nil)
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
