package node

import (
	"context"
	"io"

	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/home"
)

// WriteBackup writes an archive of the running node's home to w, for the local API.
// Only the keys in it are encrypted. Show may be nil.
func (n *Node) WriteBackup(
	ctx context.Context, w io.Writer, withoutBlobs bool, maxBytes uint64, show func(done, total uint64),
) (backup.Summary, error) {
	o := home.Options{By: Version, WithoutBlobs: withoutBlobs, MaxBytes: maxBytes, Show: show}
	return home.BackupRunning(ctx, n.cfg, n.home, n.store, n.Account(), w, o)
}
