package node

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/transfer"
)

// uploadEvery is the interval between checks of the configuration file.
const uploadEvery = 2 * time.Second

// uploads applies changes of the upload limit in the configuration while the daemon runs:
// it is the one setting that people want to change without a restart.
type uploads struct {
	home string
	set  func(transfer.Upload)
	log  *slog.Logger
	seen os.FileInfo
}

func (u *uploads) run(ctx context.Context) {
	u.seen, _ = os.Stat(config.File(u.home))
	for ; ctx.Err() == nil; pause(ctx, uploadEvery) {
		u.check()
	}
}

// check reads the file if it has changed. A file that cannot be read changes nothing.
func (u *uploads) check() {
	now, err := os.Stat(config.File(u.home))
	if err != nil || u.seen != nil && now.ModTime().Equal(u.seen.ModTime()) && now.Size() == u.seen.Size() {
		return
	}
	u.seen = now
	cfg, err := config.Load(u.home)
	if err != nil {
		u.log.Warn("the changed configuration cannot be used; the upload limit stays", "error", err)
		return
	}
	limit, err := cfg.Upload.Limit()
	if err != nil { // config.Load has checked it
		return
	}
	u.set(limit)
	u.log.Info("upload limit", "bytes_per_second", limit.At(time.Now()), "hours", len(limit.Hours))
}

// Transfers returns the pulls and uploads of this node: those in progress and the most
// recently ended ones.
func (n *Node) Transfers() []transfer.Activity { return n.transfers.List() }
