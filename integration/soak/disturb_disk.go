//go:build linux

package soak

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/stretchr/testify/require"
)

// mountHome gives a home a file system of its own, which can be full.
func (w *world) mountHome(home string) {
	w.t.Helper()
	require.NoError(w.t, os.Mkdir(home, 0o700))
	size := "size=" + itoa(homeSize) + ",mode=700"
	require.NoError(w.t, unix.Mount("pdx-soak", home, "tmpfs", 0, size))
	w.t.Cleanup(func() { require.NoError(w.t, unix.Unmount(home, unix.MNT_DETACH)) })
}

// fillDisk leaves a node no space for data; the end frees it.
func fillDisk(w *world, victim string, _ *rand.Rand) (func() error, error) {
	path := filepath.Join(w.member(victim).Home, "soak-ballast")
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(f, zeros{})
	if !errors.Is(err, syscall.ENOSPC) {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return func() error { return os.Remove(path) }, f.Close()
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
