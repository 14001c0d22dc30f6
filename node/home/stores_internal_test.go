package home

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/config"
)

// TestEachSchemeOpens holds the schemes that the configuration allows against the
// stores that a home opens.
func TestEachSchemeOpens(t *testing.T) {
	cfg := config.Default(t.TempDir())
	for scheme := range blobKinds() {
		cfg.Blobs = scheme + ":///x"
		require.NoError(t, cfg.Validate())
	}
	for scheme := range stateKinds() {
		cfg.State = scheme + ":///x"
		require.NoError(t, cfg.Validate())
	}
	cfg.Blobs, cfg.State = "none://x", "none://x"
	_, err := cfg.BlobLocation()
	require.Equal(t, len(blobKinds()), named(err))
	_, err = cfg.StateLocation()
	require.Equal(t, len(stateKinds()), named(err))
}

// named counts the schemes that an error offers.
func named(err error) int {
	_, offered, _ := strings.Cut(err.Error(), "use a path, or ")
	return len(slices.Collect(strings.SplitSeq(offered, ", ")))
}
