package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/config"
)

// TestTheLogLeavesOutRepeatedWarnings logs as whoever retries does.
func TestTheLogLeavesOutRepeatedWarnings(t *testing.T) {
	var out bytes.Buffer
	cfg := config.Default(t.TempDir())
	log, _, err := newLog(cfg, &out, io.Discard)
	require.NoError(t, err)
	part := log.With("part", "payout")
	for range 100 {
		part.Warn("withdrawal failed; retrying", "error", errors.New("no answer"))
		part.Info("withdrawn")
	}
	require.Equal(t, 1, strings.Count(out.String(), "withdrawal failed"))
	require.Equal(t, 100, strings.Count(out.String(), "withdrawn"))
}

// TestTheLogEscapesWhatCouldHideText logs what strangers may have written.
func TestTheLogEscapesWhatCouldHideText(t *testing.T) {
	const hostile = "a\x1b[2Jb\u202ec\u200bd\nlevel=ERROR\x00\xff\u009b"
	for _, format := range []string{config.LogText, config.LogJSON} {
		var out bytes.Buffer
		cfg := config.Default(t.TempDir())
		cfg.Log.Format = format
		log, _, err := newLog(cfg, &out, io.Discard)
		require.NoError(t, err)
		out.Reset() // it warned of the folder
		log.With(hostile, hostile).WithGroup(hostile).Warn(hostile, hostile, errors.New(hostile), "peer", []string{hostile})

		require.Equal(t, 1, strings.Count(out.String(), "\n"), "one line:\n%q", out.String())
		for _, r := range strings.TrimSuffix(out.String(), "\n") {
			require.True(t, strconv.IsPrint(r), "%q in %q", r, out.String())
		}
		require.Equal(t, format == config.LogJSON, json.Valid(out.Bytes()), out.String())
	}
}
