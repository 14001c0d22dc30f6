package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// benchKey seals the measured data. It protects no secret.
func benchKey() (*seal.Key, error) {
	seed, err := seal.SeedFromBytes(make([]byte, seal.SeedLen))
	if err != nil {
		return nil, err
	}
	return seed.Dataset([32]byte{})
}

// plainSource returns a store with the tree of a sealed dataset about as large as s, and
// its plaintext.
func (b *bencher) plainSource(ctx context.Context, s source) (source, error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("remade-%d", s.size))
	store, err := fs.Open(dir)
	if err != nil {
		return source{}, err
	}
	defer store.Close()
	plain := filepath.Join(dir, "plaintext")
	for info, err := range store.List(ctx) {
		if err == nil {
			return source{store: dir, plain: plain, root: info.ID, size: info.Size}, nil
		}
	}
	if err := writeNoise(plain, seal.PlaintextSize(s.size)); err != nil {
		return source{}, err
	}
	info, err := sealTree(ctx, store, plain)
	return source{store: dir, plain: plain, root: info.ID, size: info.Size}, err
}

func writeNoise(path string, size uint64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.LimitReader(rand.NewChaCha8([32]byte{2}), int64(size)))
	return errors.Join(err, f.Close())
}

// sealTree seals a file into a store that keeps the tree alone.
func sealTree(ctx context.Context, store *fs.Store, plain string) (blob.Info, error) {
	return sealInto(ctx, store.CreateTree, plain)
}

// sealInto seals a file into what create begins.
func sealInto(ctx context.Context, create func(context.Context) (blob.Writer, error), plain string) (blob.Info, error) {
	f, err := os.Open(plain)
	if err != nil {
		return blob.Info{}, err
	}
	defer f.Close()
	key, err := benchKey()
	if err != nil {
		return blob.Info{}, err
	}
	w, err := create(ctx)
	if err != nil {
		return blob.Info{}, err
	}
	defer w.Abort() //nolint:errcheck // after a commit it does nothing, before one the error is another's
	if _, err := key.Seal(w, f, pdx.AES256GCM); err != nil {
		return blob.Info{}, err
	}
	return w.Commit(ctx)
}

// sealedFrom makes ciphertext again out of the file plain.
func sealedFrom(plain string) blob.OriginFunc {
	return func(context.Context, pdx.ContentID) (blob.Bytes, error) {
		f, err := os.Open(plain)
		if err != nil {
			return nil, err
		}
		again, err := remake(f)
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		return struct {
			*seal.Remaker
			io.Closer
		}{again, f}, nil
	}
}

func remake(f *os.File) (*seal.Remaker, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	key, err := benchKey()
	if err != nil {
		return nil, err
	}
	return key.Remake(f, pdx.Dataset{
		Size: seal.CiphertextSize(uint64(info.Size())), Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM,
	})
}
