package blobtest

import (
	"testing"

	"github.com/medibloc/pdx/transfer/blob"
)

// hidden make backends of a store that lack one of its abilities, or all.
var hidden = map[string]func(blob.Store) blob.Backend{
	"no pulls": func(s blob.Store) blob.Backend {
		return struct {
			blob.Backend
			blob.TreeKeeper
			blob.Batcher
			blob.SmallReader
			blob.Finder
			blob.ManyDeleter
		}{s, s, s, s, s, s}
	},
	"no trees": func(s blob.Store) blob.Backend {
		return struct {
			blob.Backend
			blob.Puller
			blob.Batcher
			blob.SmallReader
			blob.Finder
			blob.ManyDeleter
		}{s, s, s, s, s, s}
	},
	"no batches": func(s blob.Store) blob.Backend {
		return struct {
			blob.Backend
			blob.Puller
			blob.TreeKeeper
			blob.SmallReader
			blob.Finder
			blob.ManyDeleter
		}{s, s, s, s, s, s}
	},
	"no small reads": func(s blob.Store) blob.Backend {
		return struct {
			blob.Backend
			blob.Puller
			blob.TreeKeeper
			blob.Batcher
			blob.Finder
			blob.ManyDeleter
		}{s, s, s, s, s, s}
	},
	"no search": func(s blob.Store) blob.Backend {
		return struct {
			blob.Backend
			blob.Puller
			blob.TreeKeeper
			blob.Batcher
			blob.SmallReader
			blob.ManyDeleter
		}{s, s, s, s, s, s}
	},
	"no deletion of many": func(s blob.Store) blob.Backend {
		return struct {
			blob.Backend
			blob.Puller
			blob.TreeKeeper
			blob.Batcher
			blob.SmallReader
			blob.Finder
		}{s, s, s, s, s, s}
	},
	"nothing": func(s blob.Store) blob.Backend { return struct{ blob.Backend }{s} },
}

// RunFallbacks checks that a store keeps the contract when any of its abilities, or
// all of them, are replaced by the fall-backs.
func RunFallbacks(t *testing.T, newBackend NewBackend) {
	for name, hide := range hidden {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a disk syncs several stores at once
			run(t, func(t *testing.T, o blob.Origin) blob.Backend { return hide(complete(t, newBackend(t, o))) })
		})
	}
}
