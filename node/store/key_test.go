package store_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

const testWorkFactor = 4 // scrypt in a millisecond

func newKey(t *testing.T) store.Key {
	t.Helper()
	key, err := store.CreateKey(filepath.Join(t.TempDir(), "key"), "pass", testWorkFactor)
	require.NoError(t, err)
	return key
}

func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	made, err := store.CreateKey(path, "right", testWorkFactor)
	require.NoError(t, err)
	got, err := store.UnlockKey(path, "right")
	require.NoError(t, err)
	require.True(t, made == got)

	for _, wrong := range []string{"wrong", "", "right "} {
		_, err = store.UnlockKey(path, wrong)
		require.ErrorIs(t, err, pdx.ErrRefused)
		require.ErrorContains(t, err, "passphrase is wrong")
	}
}

func TestKeyIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	_, err := store.CreateKey(path, "one", testWorkFactor)
	require.NoError(t, err)
	_, err = store.CreateKey(path, "two", testWorkFactor)
	require.ErrorIs(t, err, pdx.ErrWrongState)
	_, err = store.UnlockKey(path, "one")
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing half-written is left")
}

func TestChangePassphrase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	made, err := store.CreateKey(path, "old", testWorkFactor)
	require.NoError(t, err)
	require.ErrorIs(t, store.ChangePassphrase(path, "wrong", "new", testWorkFactor), pdx.ErrRefused)
	require.ErrorIs(t, store.ChangePassphrase(path, "old", "", testWorkFactor), pdx.ErrInvalid)
	require.ErrorIs(t, store.ChangePassphrase(path, "old", "new", 99), pdx.ErrInvalid)
	got, err := store.UnlockKey(path, "old")
	require.NoError(t, err, "nothing was changed")
	require.True(t, made == got)

	// What a killed change leaves beside the file is in nobody's way.
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), ".new-1"), []byte("half"), 0o600))
	require.NoError(t, store.ChangePassphrase(path, "old", "new", testWorkFactor))
	got, err = store.UnlockKey(path, "new")
	require.NoError(t, err)
	require.True(t, made == got)
	_, err = store.UnlockKey(path, "old")
	require.ErrorIs(t, err, pdx.ErrRefused)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
}

func TestKeyRefusals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	_, err := store.UnlockKey(path, "pass")
	require.ErrorIs(t, err, pdx.ErrNotFound)
	_, err = store.CreateKey(path, "", testWorkFactor)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = store.CreateKey(path, "pass", 23)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestDamagedKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	_, err := store.CreateKey(path, "pass", testWorkFactor)
	require.NoError(t, err)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-1] ^= 1
	for name, content := range map[string][]byte{"cut": whole[:len(whole)-1], "empty": nil, "flipped": flipped, "text": []byte("hello")} {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		_, err = store.UnlockKey(path, "pass")
		require.ErrorIs(t, err, pdx.ErrCorrupt, name)
	}
}

func TestKeyHidesItself(t *testing.T) {
	key := newKey(t)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("key", "key", key)
	for _, shown := range []string{fmt.Sprint(key), fmt.Sprintf("%+v %#v %x %d", key, key, key, key), log.String()} {
		require.Contains(t, shown, "storage key")
		require.NotRegexp(t, `\d{2,3} \d{2,3}|[0-9a-f]{64}`, shown)
	}
	_, err := json.Marshal(key)
	require.Error(t, err)
}
