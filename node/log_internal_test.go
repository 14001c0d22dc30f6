package node

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/config"
)

// TestTheLogLeavesOutRepeatedWarnings logs as whoever retries does.
func TestTheLogLeavesOutRepeatedWarnings(t *testing.T) {
	var out bytes.Buffer
	cfg := config.Default(t.TempDir())
	log, _, err := newLog(cfg, &out)
	require.NoError(t, err)
	part := log.With("part", "payout")
	for range 100 {
		part.Warn("withdrawal failed; retrying", "error", errors.New("no answer"))
		part.Info("withdrawn")
	}
	require.Equal(t, 1, strings.Count(out.String(), "withdrawal failed"))
	require.Equal(t, 100, strings.Count(out.String(), "withdrawn"))
}
