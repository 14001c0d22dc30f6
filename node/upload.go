package node

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/transfer"
)

// uploadEvery is how soon a change of the upload limit in the file is noticed.
const uploadEvery = 2 * time.Second

// uploads keeps the server to the upload limit in the configuration while the
// daemon runs: it is the one setting that people want to change in between.
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
		u.log.Warn("changed configuration cannot be used, the upload limit stays", "error", err)
		return
	}
	limit, err := cfg.Upload.Limit()
	if err != nil { // LoadConfig has checked it
		return
	}
	u.set(limit)
	u.log.Info("upload limit", "bytes_per_second", limit.At(time.Now()), "hours", len(limit.Hours))
}

// Transfers are the pulls and serves of this node: those under way and the last
// that ended.
func (n *Node) Transfers() []transfer.Activity { return n.transfers.List() }
