package home

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/backup"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/recordsets"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/validator"
	"github.com/medibloc/pdx/transfer/blob"
)

// A backupPlan lists what goes into a backup.
type backupPlan struct {
	home   string
	blobs  blob.Store
	files  []backupFile
	listed []backup.Listed
	taken  map[string]bool // names of files in the plan
	bare   bool            // without records and blobs
}

type backupFile struct {
	name string
	size uint64
	open func() (io.ReadCloser, error)
	// otherwise is listed if the file is gone when it is to be copied.
	otherwise backup.Listed
}

// planBackup reads from a copy of the database which records and blobs must be copied:
// those that nobody else serves. Bytes that peers serve while their deals are open are
// only listed.
func planBackup(ctx context.Context, p *backupPlan, db *store.DB) error {
	for _, add := range []func(context.Context, *store.DB) error{p.sales, p.pulls, p.pools, p.promises, p.recordSets} {
		if err := add(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

// sales adds the disclosed records of open sales, from which their ciphertexts are made.
func (p *backupPlan) sales(ctx context.Context, db *store.DB) error {
	sales, err := store.NewTable[model.Sale](db, SalesTable).All(ctx)
	if err != nil {
		return err
	}
	for _, sale := range sales {
		if sale.State.Ended() || sale.Disclosed == "" && sale.Dataset == nil {
			continue
		}
		l := backup.Listed{Role: pdx.RoleSeller, Deal: sale.Deal}
		if sale.Dataset != nil {
			l.Bytes = sale.Dataset.Size
		}
		name := filepath.Base(sale.Disclosed)
		path := filepath.Join(p.home, DisclosedFolder, name)
		info, err := os.Stat(path)
		switch {
		case p.bare:
			p.leave(l, "the backup was made without records and ciphertexts")
		case sale.Disclosed == "": // recovered from the chain: only the ciphertext may be here
			if !p.blob(ctx, sale.Dataset.Root, l) {
				p.leave(l, "neither the ciphertext nor the records are in this home: add the data again after restoring")
			}
		case err == nil && strings.TrimSuffix(name, filepath.Ext(name)) == sale.ID ||
			err == nil && filepath.Dir(sale.Disclosed) == filepath.Dir(path):
			if err := p.disclosed(name, path, info, l); err != nil {
				return err
			}
		case sale.Dataset != nil && p.blob(ctx, sale.Dataset.Root, l):
		default:
			p.leave(l, fmt.Sprintf("the sale is served from %s, which must be there after restoring", sale.Disclosed))
		}
	}
	return nil
}

// disclosed adds disclosed records, which are a file or a folder of files.
func (p *backupPlan) disclosed(name, path string, info fs.FileInfo, l backup.Listed) error {
	if !info.IsDir() {
		p.file(backup.Disclosed+"/"+name, path, uint64(info.Size()), l)
		return nil
	}
	return filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		below, err := filepath.Rel(filepath.Dir(path), at)
		if err == nil {
			p.file(backup.Disclosed+"/"+filepath.ToSlash(below), at, uint64(info.Size()), l)
		}
		return err
	})
}

// pulls adds the ciphertexts of disputed and failed purchases: they are evidence, and
// their sellers have no reason to serve them. Others are pulled again.
func (p *backupPlan) pulls(ctx context.Context, db *store.DB) error {
	pulls, err := store.NewTable[model.Pull](db, PullsTable).All(ctx)
	if err != nil {
		return err
	}
	for _, pull := range pulls {
		l := backup.Listed{Role: pdx.RoleBuyer, Deal: pull.Deal, Bytes: pull.Held}
		evidence := pull.State == model.PullDisputed || pull.State == model.PullFailed
		switch {
		case pull.Held == 0 && !evidence:
		case !evidence:
			p.leave(l, "the seller and the validators that promised to serve it do so until the deal has ended; it is pulled again")
		case p.bare || !p.blob(ctx, pull.Root, l):
			p.leave(l, "the ciphertext is evidence and is not in the backup")
		}
	}
	return nil
}

// pools adds the criteria and schemas of this account's pools, which sellers fetch from
// this node.
func (p *backupPlan) pools(ctx context.Context, db *store.DB) error {
	pools, err := store.NewTable[buyer.Creation](db, PoolsTable).All(ctx)
	if err != nil {
		return err
	}
	for _, c := range pools {
		for _, id := range c.Documents {
			if !c.Destroyed {
				p.blob(ctx, id, backup.Listed{})
			}
		}
	}
	return nil
}

// promises lists the ciphertexts that this validator serves; it pulls them again from
// the sellers.
func (p *backupPlan) promises(ctx context.Context, db *store.DB) error {
	records, err := store.NewTable[validator.Record](db, "validations").All(ctx)
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Certified && r.Promised {
			p.leave(backup.Listed{Role: pdx.RoleValidator, Deal: r.Deal, Bytes: r.Size},
				"the seller serves it until the deal has ended; it is pulled again")
		}
	}
	return nil
}

// recordSets adds the record sets of open pools, without which this validator could compare
// no dataset with what a pool bought before, and those of this account's own pools. Others have
// a set only if they certified its dataset, compared with it, or are the pool's buyer.
func (p *backupPlan) recordSets(ctx context.Context, db *store.DB) error {
	sets, err := store.NewTable[recordsets.Record](db, RecordSetsTable).All(ctx)
	if err != nil {
		return err
	}
	for _, r := range sets {
		l := backup.Listed{Role: pdx.RoleValidator, Bytes: r.Size}
		if p.bare || !p.blob(ctx, r.Root, l) {
			p.leave(l, fmt.Sprintf("a record set of pool %d: it is fetched from the pool's other validators or its buyer, if they have it", r.Pool))
		}
	}
	return nil
}

// leave lists an item as not copied.
func (p *backupPlan) leave(l backup.Listed, why string) {
	l.Why = why
	p.listed = append(p.listed, l)
}

// file adds a file, once.
func (p *backupPlan) file(name, path string, size uint64, otherwise backup.Listed) {
	p.add(backupFile{name, size, func() (io.ReadCloser, error) { return os.Open(path) }, otherwise})
}

func (p *backupPlan) add(f backupFile) {
	if !p.taken[f.name] {
		p.taken[f.name] = true
		p.files = append(p.files, f)
	}
}

// blob adds a blob, and reports whether its bytes are in the store.
func (p *backupPlan) blob(ctx context.Context, id pdx.ContentID, otherwise backup.Listed) bool {
	info, err := p.blobs.Stat(ctx, id)
	if err != nil || !info.Complete || info.TreeOnly {
		return false
	}
	p.add(backupFile{backup.Blobs + "/" + id.String(), info.Size, func() (io.ReadCloser, error) {
		opened, err := p.blobs.Open(ctx, id)
		if err != nil {
			return nil, err
		}
		return blob.Reader(opened), nil
	}, otherwise})
	return true
}
