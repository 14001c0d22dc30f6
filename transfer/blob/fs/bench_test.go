package fs_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

const benchSize = 128 << 20

// sale is a file and what is sold of it.
type sale struct {
	path    string
	seed    seal.Seed
	dataset pdx.Dataset
}

func newSale(b *testing.B) *sale {
	s := &sale{path: filepath.Join(b.TempDir(), "plain"), seed: seal.NewSeed()}
	require.NoError(b, os.WriteFile(s.path, bytes.Repeat(blobtest.Bytes(1<<20, 1), benchSize>>20), 0o600))
	return s
}

// seal seals the file into a store.
func (s *sale) seal(b *testing.B, create func(context.Context) (blob.Writer, error)) {
	key, err := s.seed.Dataset(seal.NewNonce())
	require.NoError(b, err)
	w, err := create(b.Context())
	require.NoError(b, err)
	defer w.Abort()
	f, err := os.Open(s.path)
	require.NoError(b, err)
	defer f.Close()
	facts, err := key.Seal(w, f, pdx.AES256GCM)
	require.NoError(b, err)
	info, err := w.Commit(b.Context())
	require.NoError(b, err)
	s.dataset = pdx.Dataset{Root: info.ID, Size: facts.Size, Key: key.Public(), Nonce: key.Nonce(), AEAD: pdx.AES256GCM}
}

// Bytes seals again, as a seller does: the key is derived for every opening.
func (s *sale) Bytes(context.Context, pdx.ContentID) (blob.Bytes, error) {
	key, err := s.seed.Dataset(s.dataset.Nonce)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	r, err := key.Remake(f, s.dataset)
	return struct {
		io.ReaderAt
		io.Closer
	}{r, f}, err
}

func benchStore(b *testing.B, s *sale) *fs.Store {
	store, err := fs.Open(b.TempDir(), fs.WithOrigin(s))
	require.NoError(b, err)
	b.Cleanup(func() { _ = store.Close() })
	return store
}

// BenchmarkServe answers requests of 8 MiB as a server does, out of a sealed copy
// and out of the plaintext.
func BenchmarkServe(b *testing.B) {
	for _, kind := range []string{"sealed copy", "on the fly"} {
		b.Run(kind, func(b *testing.B) {
			s := newSale(b)
			store := benchStore(b, s)
			create := store.Create
			if kind == "on the fly" {
				create = store.CreateTree
			}
			s.seal(b, create)
			b.SetBytes(benchSize)
			for b.Loop() {
				for first := uint64(0); first+128 <= bao.Segments(s.dataset.Size); first += 128 {
					opened, err := store.Open(b.Context(), s.dataset.Root)
					require.NoError(b, err)
					require.NoError(b, opened.WriteSlice(io.Discard, bao.Range{First: first, Count: 128}))
					require.NoError(b, opened.Close())
				}
			}
		})
	}
}

// BenchmarkSealing seals a file into a store, durably.
func BenchmarkSealing(b *testing.B) {
	for _, kind := range []string{"sealed copy", "tree only"} {
		b.Run(kind, func(b *testing.B) {
			s := newSale(b)
			store := benchStore(b, s)
			create := store.Create
			if kind == "tree only" {
				create = store.CreateTree
			}
			b.SetBytes(benchSize)
			for b.Loop() {
				s.seal(b, create)
				require.NoError(b, store.Delete(b.Context(), s.dataset.Root))
			}
		})
	}
}
