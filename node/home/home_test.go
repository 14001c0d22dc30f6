package home_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
)

// newConfig is for a home that does not exist yet, with scrypt in milliseconds.
func newConfig(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default(filepath.Join(t.TempDir(), "home"))
	cfg.WorkFactor = 10
	return cfg
}

func TestHome(t *testing.T) {
	cfg := newConfig(t)
	k, err := home.Init(t.Context(), cfg, "correct horse", "")
	require.NoError(t, err)
	require.NotEmpty(t, k.Account())

	_, err = home.Init(t.Context(), cfg, "other", "")
	require.ErrorIs(t, err, pdx.ErrWrongState)
	_, err = home.Open(t.Context(), cfg.Home, "wrong")
	require.ErrorIs(t, err, pdx.ErrRefused)

	opened, err := home.Open(t.Context(), cfg.Home, "correct horse")
	require.NoError(t, err)
	_, err = home.Open(t.Context(), cfg.Home, "correct horse")
	require.ErrorIs(t, err, pdx.ErrWrongState, "one process to a home")
	require.NoError(t, opened.Close())
}

// words are a valid mnemonic that the world knows.
const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

func TestBadMnemonicMakesNothing(t *testing.T) {
	cfg := newConfig(t)
	_, err := home.Init(t.Context(), cfg, "correct horse", "one two three")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.NoDirExists(t, cfg.Home)
}

func TestHomeCutShortKeepsItsAccount(t *testing.T) {
	cfg := newConfig(t)
	first, err := home.Init(t.Context(), cfg, "correct horse", "")
	require.NoError(t, err)
	require.NoError(t, os.Remove(config.File(cfg.Home)))

	_, err = home.Init(t.Context(), cfg, "correct horse", words)
	require.ErrorIs(t, err, pdx.ErrWrongState, "another account than the one asked for")
	require.ErrorContains(t, err, string(first.Account()))
	again, err := home.Init(t.Context(), cfg, "correct horse", "")
	require.NoError(t, err)
	require.Equal(t, first.Account(), again.Account())
}

func TestLostFilesAreNotMadeAnew(t *testing.T) {
	for _, name := range []string{"node.db", "storage.key"} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			_, err := home.Init(t.Context(), cfg, "correct horse", words)
			require.NoError(t, err)
			lost := filepath.Join(cfg.Home, name)
			require.NoError(t, os.Remove(lost))
			_, err = home.Open(t.Context(), cfg.Home, "correct horse")
			require.ErrorIs(t, err, pdx.ErrCorrupt)
			require.ErrorContains(t, err, lost)
			require.NoFileExists(t, lost)
		})
	}
}

// A home with a configuration of an earlier version still opens.
func TestAHomeWithFormerSettingsOpens(t *testing.T) {
	cfg := config.Default(filepath.Join(t.TempDir(), "home"))
	_, err := home.Init(t.Context(), cfg, "correct horse", words)
	require.NoError(t, err)
	former := "chain: {id: panacea-3}\np2p: {private: true}\nvalidator: {room: 5GiB}\nbuyer: {vouchers: false}\n"
	require.NoError(t, os.WriteFile(config.File(cfg.Home), []byte(former), 0o600))
	got, err := config.Load(cfg.Home)
	require.NoError(t, err)
	require.Len(t, got.Warnings, 3)
	require.Equal(t, "panacea-3", got.Chain.ID)
	require.Equal(t, "5GiB", got.Validator.Quota)
	opened, err := home.Open(t.Context(), got.Home, "correct horse")
	require.NoError(t, err)
	require.NoError(t, opened.Close())
}
