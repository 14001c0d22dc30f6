package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/dustin/go-humanize"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/packed"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// UploadFolder is where uploaded files lie, below the home: each in a folder of its own,
// because data is registered under its file's name.
const UploadFolder = "uploads"

// uploads are the files that came from browsers.
type uploads struct {
	home string

	mu      sync.Mutex
	pending uint64 // bytes of uploads under way
}

func (u *uploads) root() string { return filepath.Join(u.home, UploadFolder) }

// upload stores a file and registers it. A file that is not data leaves nothing behind.
func (d *desk) upload(c *call) (any, error) {
	name := c.query.Get("name")
	if err := checkUpload(name, c.size); err != nil {
		return nil, err
	}
	path, err := d.uploads.store(name, uint64(c.size), c.body)
	if err != nil {
		return nil, fmt.Errorf("upload %s: %w", name, err)
	}
	registered, err := d.register(c, path, name)
	if err != nil {
		return nil, errors.Join(d.unlocated(err, path, name), os.RemoveAll(filepath.Dir(path)))
	}
	return shown(registered)
}

// register registers a file under its name, or the first free one like it.
func (d *desk) register(c *call, path, name string) (*nodepb.Data, error) {
	free := name
	for n := 2; ; n++ {
		_, err := d.cfg.API.GetData(c.ctx, &nodepb.GetDataRequest{Id: free})
		if errors.Is(err, pdx.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		free = fmt.Sprintf("%s (%d)", name, n)
	}
	return d.cfg.API.Register(c.ctx, &nodepb.AddDataRequest{Path: path, Name: free}, c.report)
}

// unlocated is an error about an uploaded file, without the folder that nobody chose.
func (d *desk) unlocated(err error, path, name string) error {
	said := strings.ReplaceAll(err.Error(), path, name)
	return &uploadError{said, err}
}

// uploadError is an error in other words.
type uploadError struct {
	text  string
	cause error
}

func (e *uploadError) Error() string { return e.text }
func (e *uploadError) Unwrap() error { return e.cause }

// checkUpload refuses what cannot be registered before any of it is read.
func checkUpload(name string, size int64) error {
	switch {
	case name == "" || len(name) > maxUploadName || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\`) || !text.Prints(name, ""):
		return fmt.Errorf("file name %q: %w: use a name of at most %d bytes, without slashes and not hidden", name, pdx.ErrInvalid, maxUploadName)
	case size < 0:
		return fmt.Errorf("%s: %w: the length must be announced", name, pdx.ErrInvalid)
	case size == 0:
		return fmt.Errorf("%s: %w: the file is empty", name, pdx.ErrInvalid)
	}
	_, err := criteria.Formats().ForFile(packed.Name(name))
	return err
}

// store streams a file into a new folder and returns its path. It is on disk when store
// returns, and gone if it fails.
func (u *uploads) store(name string, size uint64, body io.Reader) (path string, err error) {
	leave, err := u.reserve(size)
	if err != nil {
		return "", err
	}
	defer leave()
	dir := filepath.Join(u.root(), rand.Text())
	if err := durable.MkdirAll(dir); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	path = filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	n, err := io.Copy(f, io.LimitReader(body, int64(size)))
	if err == nil && uint64(n) != size {
		err = fmt.Errorf("%w: %d of %d bytes came", pdx.ErrUnavailable, n, size)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = durable.SyncDir(dir)
	}
	return path, err
}

// reserve takes a file's size from the quota until it is stored or was refused.
func (u *uploads) reserve(size uint64) (leave func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	used, err := u.used()
	if err != nil {
		return nil, err
	}
	if left := uploadQuota - min(uploadQuota, used+u.pending); size > left {
		return nil, fmt.Errorf("%w: uploads may take %s in all and %s are left: forget data that you no longer sell, "+
			"or register the file where it is with `pdx data add`", pdx.ErrRefused, humanize.IBytes(uploadQuota), humanize.IBytes(left))
	}
	space, err := durable.SpaceOf(u.home)
	if err != nil {
		return nil, err
	}
	if free := space.Bytes - min(space.Bytes, leastSpace+u.pending); size > free {
		return nil, fmt.Errorf("%w: the disk has %s left for uploads: register the file where it is with `pdx data add`", pdx.ErrRefused,
			humanize.IBytes(free))
	}
	u.pending += size
	return func() {
		u.mu.Lock()
		u.pending -= size
		u.mu.Unlock()
	}, nil
}

// used is how much is stored; what is under way counts too, which makes the quota stricter.
func (u *uploads) used() (sum uint64, err error) {
	err = filepath.WalkDir(u.root(), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return skipGone(err)
		}
		info, err := entry.Info()
		if err == nil {
			sum += uint64(info.Size())
		}
		return skipGone(err)
	})
	return sum, err
}

func skipGone(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// forget forgets registered data, and deletes the file if it was uploaded.
func (d *desk) forget(c *call) (any, error) {
	r := &nodepb.RemoveDataRequest{}
	if err := c.read(r); err != nil {
		return nil, err
	}
	res, err := d.cfg.API.GetData(c.ctx, &nodepb.GetDataRequest{Id: r.Id})
	if err != nil {
		return nil, err
	}
	if _, err := d.cfg.API.RemoveData(c.ctx, r); err != nil {
		return nil, err
	}
	if dir := filepath.Dir(res.Data.Path); filepath.Dir(dir) == d.uploads.root() {
		return nil, os.RemoveAll(dir)
	}
	return nil, nil
}

// sweep deletes uploads that are not registered: of a node that was killed meanwhile, or
// whose data was forgotten by other ways.
func (u *uploads) sweep(ctx context.Context, data Reader) error {
	entries, err := os.ReadDir(u.root())
	if err != nil {
		return skipGone(err)
	}
	if len(entries) == 0 {
		return nil
	}
	kept := map[string]bool{}
	for cursor := ""; ; {
		page, err := data.ListData(ctx, &nodepb.ListDataRequest{Limit: 1000, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, d := range page.Data {
			kept[filepath.Dir(d.Path)] = true
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	for _, entry := range entries {
		if dir := filepath.Join(u.root(), entry.Name()); !kept[dir] {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	return err
}

// textual reports whether a format can be shown and read in this process: others are parsed
// in a child (criteria/jail).
func textual(f format.File) bool {
	_, fragile := f.(format.Fragile)
	_, binary := f.(format.Binary)
	return !fragile && !binary
}
