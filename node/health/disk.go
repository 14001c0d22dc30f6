package health

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/api"
)

// Bounds below which a file system counts as full: what the database, its log and one
// pull that goes on need.
const (
	leastSpace  = 64 << 20 // bytes
	leastInodes = 256
)

// Disk judges what is left of the disk on which a folder lies. err is why that is not known.
func Disk(folder string, s durable.Space, err error) []api.Health {
	const waits = ": what this node writes waits, and goes on by itself when there is room"
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil
	case err != nil:
		return []api.Health{{Part: "disk", Message: "the folder cannot be looked at: " + err.Error()}}
	case s.Bytes < leastSpace:
		return []api.Health{{Part: "disk", Message: fmt.Sprintf(
			"the disk of %s is full, %d MiB are left%s; delete files, or move the home to a larger disk", folder, s.Bytes>>20, waits)}}
	case s.Counted && s.Inodes < leastInodes:
		return []api.Health{{Part: "disk", Message: fmt.Sprintf(
			"the file system of %s takes no more files: %d inodes are left, though there is space%s;"+
				" delete files ('df -i' shows inodes), or move the home", folder, s.Inodes, waits)}}
	}
	return nil
}
