package fs

import (
	"context"
	"path/filepath"

	"github.com/medibloc/pdx/transfer/blob"
)

// Factory opens the store in the directory at the path of a location.
func Factory(_ context.Context, c blob.Config) (blob.Backend, error) {
	s, err := Open(filepath.FromSlash(c.Location.Path), WithOrigin(c.Origin), WithLog(c.Log))
	if err != nil {
		return nil, err
	}
	return s, nil
}
