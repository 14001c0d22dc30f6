package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// burn keeps every CPU busy until the function that it returns is called, which
// waits until the CPUs are free again.
func burn() (stop func()) {
	var (
		done atomic.Bool
		wg   sync.WaitGroup
	)
	for range runtime.NumCPU() {
		wg.Go(func() {
			for !done.Load() {
			}
		})
	}
	return func() {
		done.Store(true)
		wg.Wait()
	}
}
