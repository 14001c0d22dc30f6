package fs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// CreateTree begins a blob of which only the tree is kept.
func (s *Store) CreateTree(ctx context.Context) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := s.temp()
	if err != nil {
		return nil, fail("create tree", err)
	}
	tree, err := createFile(s.disk, filepath.Join(dir, treeFile))
	if err != nil {
		_ = s.disk.RemoveAll(dir)
		return nil, fail("create tree", err)
	}
	return &writer{store: s, dir: dir, parent: treesDir, tree: tree, builder: bao.NewBuilder(tree)}, nil
}

// adoptTree makes the tree in dir, whose files are synced, that of blob id. One
// that is there already stays; s.mu is held.
func (s *Store) adoptTree(dir string, id pdx.ContentID) error {
	return s.install(dir, s.treePath(id), func() error { return closed(s.openTree(id)) })
}

// openTree opens the tree of a blob whose bytes lie elsewhere.
func (s *Store) openTree(id pdx.ContentID) (*files, error) {
	dir := s.treePath(id)
	f, err := readFacts(s.disk, dir, id)
	if err != nil {
		return nil, err
	}
	if !f.held.Complete() {
		return nil, fmt.Errorf("%w: not whole", pdx.ErrCorrupt)
	}
	var at changes
	tree, err := openSized(s.disk, filepath.Join(dir, treeFile), os.O_RDONLY, bao.TreeSize(f.size), &at.tree)
	if err != nil {
		return nil, err
	}
	return &files{facts: f, dir: dir, tree: tree, changed: at}, nil
}

// openVerified is a blob made of a tree here and of the origin's bytes.
func (s *Store) openVerified(ctx context.Context, id pdx.ContentID) (blob.Blob, error) {
	f, err := s.openTree(id)
	if err != nil {
		return nil, err
	}
	data, err := s.origin.Bytes(ctx, id)
	if errors.Is(err, pdx.ErrNotFound) { // the blob is there; its bytes are not
		err = fmt.Errorf("%w: %v", blob.ErrOrigin, err)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return remade{blob.Verified{ID: id, Bytes: f.size, Tree: namedErrors{f.tree}, Data: data}, f}, nil
}

// remade is a blob.Blob whose bytes lie elsewhere.
type remade struct {
	blob.Verified
	files *files
}

func (r remade) Close() error { return errors.Join(r.Verified.Close(), r.files.tree.Close()) }
