package localnet

import (
	"errors"

	cmtdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/syndtr/goleveldb/leveldb"
)

// databases opens CometBFT's databases and remembers them, since a node closes
// only some of its own, and a database left open cannot be opened again.
type databases struct{ open []cmtdb.DB }

func (d *databases) provide(ctx *cmtcfg.DBContext) (cmtdb.DB, error) {
	db, err := cmtcfg.DefaultDBProvider(ctx)
	if err == nil {
		d.open = append(d.open, db)
	}
	return db, err
}

func (d *databases) close() error {
	var errs []error
	for _, db := range d.open {
		if err := db.Close(); err != nil && !errors.Is(err, leveldb.ErrClosed) {
			errs = append(errs, err)
		}
	}
	d.open = nil
	return errors.Join(errs...)
}
