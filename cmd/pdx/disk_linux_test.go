package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// mounted is a small file system of its own, for what only a full or a
// read-only disk shows.
func mounted(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a file system takes root")
	}
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, 0)) })
	return folder
}

func passFile(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "pass")
	require.NoError(t, os.WriteFile(name, []byte("correct horse battery\n"), 0o600))
	return name
}

func TestFullDisk(t *testing.T) {
	disk, pass := mounted(t, "1m"), passFile(t)
	home, filler := filepath.Join(disk, "home"), filepath.Join(disk, "filler")
	require.Error(t, os.WriteFile(filler, make([]byte, 2<<20), 0o600), "the disk is full now")
	code, out, errs := runIn(t, home, "init", "--passphrase-file", pass)
	require.NotZero(t, code)
	require.Empty(t, out)
	require.Regexp(t, `^pdx: .*(no space left on device|the disk is full).*\n     Free space on that disk.*\n$`, errs)

	require.NoError(t, os.Truncate(filler, 980<<10), "room for a part of it")
	code, _, errs = runIn(t, home, "init", "--passphrase-file", pass)
	require.NotZero(t, code)
	require.Regexp(t, `^pdx: .*(no space left on device|the disk is full).*\n     Free space on that disk.*\n$`, errs)
	require.NoFileExists(t, filepath.Join(home, "config.yaml"), "a home is complete or it has none")

	require.NoError(t, os.Remove(filler))
	code, out, errs = runIn(t, home, "init", "--passphrase-file", pass)
	require.Zero(t, code, errs)
	require.Contains(t, out, "account  panacea1")
	code, _, errs = runIn(t, home, "keys", "show", "--passphrase-file", pass)
	require.Zero(t, code, errs)
}

func TestReadOnlyHome(t *testing.T) {
	disk, pass := mounted(t, "1m"), passFile(t)
	home := filepath.Join(disk, "home")
	code, _, errs := runIn(t, home, "init", "--passphrase-file", pass)
	require.Zero(t, code, errs)
	require.NoError(t, syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	for _, line := range [][]string{{home, "daemon"}, {home, "keys", "show"}, {filepath.Join(disk, "other"), "init"}} {
		code, out, errs := runIn(t, line[0], append(line[1:], "--passphrase-file", pass)...)
		require.NotZero(t, code)
		require.Empty(t, out)
		require.Regexp(t, `^pdx: .*read-only.*\n     Make that file system writable.*\n$`, errs)
	}
}
