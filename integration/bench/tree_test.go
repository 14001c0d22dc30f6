package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/medibloc/pdx/internal/durable"
)

// BenchmarkManySmallFiles writes a folder of small files durably, as a dataset that is a
// folder is written: synced once, and file by file as it was before.
func BenchmarkManySmallFiles(b *testing.B) {
	const files, size = 2000, 300
	content := make([]byte, size)
	for name, sync := range map[string]func(*durable.Tree, *os.File) error{
		"once": func(t *durable.Tree, f *os.File) error { return t.File(f) },
		"each": func(_ *durable.Tree, f *os.File) error { return f.Sync() },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				dir := b.TempDir()
				tree, err := durable.OpenTree(dir)
				if err != nil {
					b.Fatal(err)
				}
				for i := range files {
					f, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
					if err != nil {
						b.Fatal(err)
					}
					if _, err := f.Write(content); err != nil {
						b.Fatal(err)
					}
					if err := sync(tree, f); err != nil {
						b.Fatal(err)
					}
					f.Close()
				}
				if _, err := tree.Sync(); err != nil {
					b.Fatal(err)
				}
				if err := durable.SyncDir(dir); err != nil {
					b.Fatal(err)
				}
				tree.Close()
			}
			b.ReportMetric(float64(files*b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}
