package node

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/transfer"
)

// What can be reloaded follows the file; a mistake in it changes nothing and is kept for
// health, until the file is good again.
func TestSettingsFollowTheFile(t *testing.T) {
	cfg := config.Default(t.TempDir())
	var got []transfer.Upload
	level := new(slog.LevelVar)
	s := &settings{
		started: cfg, upload: func(l transfer.Upload) { got = append(got, l) }, level: level, log: slog.New(slog.DiscardHandler),
	}
	at := time.Now()
	write := func(text string) {
		at = at.Add(time.Second)
		require.NoError(t, os.WriteFile(config.File(cfg.Home), []byte(text), 0o600))
		require.NoError(t, os.Chtimes(config.File(cfg.Home), at, at))
		s.check()
		s.check()
	}
	s.check()
	require.Empty(t, got, "there is no file")
	write("upload: {rate: 1MiB}")
	require.Equal(t, slog.LevelInfo, level.Level())

	write("upload: {rate: nonsense}\nlog: {level: debug}")
	_, trouble := s.state()
	require.ErrorContains(t, trouble, "upload.rate")
	require.Equal(t, slog.LevelInfo, level.Level(), "nothing of a bad file is taken")

	write("upload: {rate: unlimited, hours: ['08:00-18:00 2MiB']}\nlog: {level: debug}\np2p: {dht: client}")
	restart, trouble := s.state()
	require.NoError(t, trouble)
	require.Equal(t, []string{"p2p.dht"}, restart)
	require.Equal(t, slog.LevelDebug, level.Level())
	require.Len(t, got, 2)
	require.Equal(t, transfer.Upload{Rate: 1 << 20}, got[0])
	require.Equal(t, uint64(2<<20), got[1].Hours[0].Rate)
}
