package home

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/medibloc/pdx/node/book"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// StateSchema declares the fields by which roles find rows.
func StateSchema() store.Schema {
	return store.Schema{
		PoolsTable: {"Key", "Pool", "Destroyed"}, PullsTable: {"Deal", "State", "Root", "Pool,Deal"},
		SalesTable: {"Data", "Settled", "Created", "Deal", "Dataset.Root", "Adopted"}, DataTable: {"Name", "Path"},
		ErasuresTable: {"Open", "Deal"}, book.Table: {book.Index},
	}
}

// OpenBlobs opens a home's blob store. Origin serves blobs of which only the tree is
// stored. The caller must close the store.
func OpenBlobs(ctx context.Context, cfg config.Config, origin blob.Origin, log *slog.Logger) (blob.Store, error) {
	at, err := cfg.BlobLocation()
	if err != nil {
		return nil, err
	}
	backend, err := config.BlobKinds()[at.Scheme](ctx, blob.Config{Location: at, Origin: origin, Log: log})
	if err != nil {
		return nil, err
	}
	var staging blob.Store
	if _, ok := backend.(blob.Puller); !ok {
		if staging, err = fs.Open(filepath.Join(cfg.Home, stagingFolder), fs.WithLog(log)); err != nil {
			return nil, errors.Join(err, backend.Close())
		}
	}
	return blob.Complete(backend, staging)
}

// openState opens a home's state store.
func openState(ctx context.Context, cfg config.Config) (*store.DB, error) {
	at, err := cfg.StateLocation()
	if err != nil {
		return nil, err
	}
	backend, err := config.StateKinds()[at.Scheme](ctx, store.Config{Location: at, Schema: StateSchema()})
	if err != nil {
		return nil, err
	}
	db, err := store.New(ctx, backend)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", at.Redacted(), err)
	}
	return db, nil
}

// checkState refuses a home whose database file is missing: a new file would hide the
// loss. Other kinds of stores notice it themselves.
func checkState(cfg config.Config) error {
	at, err := cfg.StateLocation()
	if err != nil || at.Scheme != config.SQLiteScheme {
		return err
	}
	return present(filepath.FromSlash(at.Path))
}
