package fs

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/medibloc/pdx/transfer/blob"
)

// Factory opens the store in the directory at the path of a location.
func Factory(_ context.Context, c blob.Config) (blob.Backend, error) {
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s, err := Open(filepath.FromSlash(c.Location.Path), WithOrigin(c.Origin), WithLog(log))
	if err != nil {
		return nil, err
	}
	return s, nil
}
