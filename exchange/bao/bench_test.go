package bao_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/medibloc/pdx/exchange/bao"
)

// run8MiB is what one request of a pull asks for.
var run8MiB = bao.Range{First: 100, Count: 128}

func BenchmarkBuilder(b *testing.B) {
	data := noise(16<<20, 1)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		newSample(b, data, 1<<20)
	}
}

func BenchmarkWriteSlice(b *testing.B) {
	s := newSample(b, noise(16<<20, 1), 1<<20)
	b.SetBytes(int64(run8MiB.Bytes(s.size())))
	for b.Loop() {
		if err := bao.WriteSlice(io.Discard, s.root, s.size(), bytes.NewReader(s.tree), bytes.NewReader(s.data), run8MiB); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadSlice(b *testing.B) {
	s := newSample(b, noise(16<<20, 1), 1<<20)
	slice := s.slice(b, run8MiB)
	b.SetBytes(int64(run8MiB.Bytes(s.size())))
	for b.Loop() {
		if err := bao.ReadSlice(bytes.NewReader(slice), s.root, s.size(), run8MiB, failing{}); err != nil {
			b.Fatal(err)
		}
	}
}
