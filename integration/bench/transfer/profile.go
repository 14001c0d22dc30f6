package main

import (
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profiling writes a processor profile until the returned function is called;
// without a folder it does nothing.
func profiling(folder, name string) (func(), error) {
	if folder == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Join(folder, name+".pprof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, nil
}
