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

// The limit follows the file; a mistake in it changes nothing.
func TestUploadFollowsTheFile(t *testing.T) {
	home := t.TempDir()
	var got []transfer.Upload
	u := &uploads{home: home, set: func(l transfer.Upload) { got = append(got, l) }, log: slog.New(slog.DiscardHandler)}
	at := time.Now()
	write := func(text string) {
		at = at.Add(time.Second)
		require.NoError(t, os.WriteFile(config.File(home), []byte(text), 0o600))
		require.NoError(t, os.Chtimes(config.File(home), at, at))
		u.check()
		u.check()
	}
	u.check()
	require.Empty(t, got, "there is no file")
	write("upload: {rate: 1MiB}")
	write("upload: {rate: nonsense}")
	write("upload: {rate: unlimited, hours: ['08:00-18:00 2MiB']}")
	require.Len(t, got, 2)
	require.Equal(t, transfer.Upload{Rate: 1 << 20}, got[0])
	require.Equal(t, uint64(2<<20), got[1].Hours[0].Rate)
}
