package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/config"
)

func TestMissingTrust(t *testing.T) {
	require.True(t, config.Trust{}.Missing())
	require.False(t, config.Trust{None: true}.Missing())
	require.False(t, config.Trust{Height: 1, Hash: "aa"}.Missing())
}
