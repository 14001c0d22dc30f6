package node_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node"
)

// configured loads a configuration of this text.
func configured(t *testing.T, text string) (node.Config, error) {
	t.Helper()
	home := t.TempDir()
	require.NoError(t, os.WriteFile(node.ConfigFile(home), []byte(text), 0o600))
	return node.LoadConfig(home)
}

func TestTheFormerNameOfASettingIsRead(t *testing.T) {
	for text, want := range map[string]bool{
		"p2p: {private: true}":                        true,
		"p2p: {private: false}":                       false,
		"p2p: {private: true, local_network: true}":   true,
		"p2p: {private: false, local_network: false}": false,
	} {
		got, err := configured(t, text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.P2P.LocalNetwork, text)
		require.Len(t, got.Warnings, 1, text)
		require.Contains(t, got.Warnings[0], "p2p.private is now called p2p.local_network")
	}
	now, err := configured(t, "p2p: {local_network: true}")
	require.NoError(t, err)
	require.True(t, now.P2P.LocalNetwork)
	require.Empty(t, now.Warnings)
}

func TestTheFormerNameInTheEnvironment(t *testing.T) {
	t.Setenv("PDX_P2P_PRIVATE", "true")
	got, err := configured(t, "p2p: {private: false}")
	require.NoError(t, err)
	require.True(t, got.P2P.LocalNetwork, "the environment goes before the file")
	require.Len(t, got.Warnings, 1)
	_, err = configured(t, "p2p: {local_network: false}")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "PDX_P2P_PRIVATE")
}

func TestNamesThatContradictAreRefused(t *testing.T) {
	for _, text := range []string{
		"p2p: {private: true, local_network: false}", "p2p: {private: false, local_network: true}", "p2p: {private: true, local_network: perhaps}",
	} {
		_, err := configured(t, text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
		require.ErrorContains(t, err, "p2p.private", text)
		require.ErrorContains(t, err, "p2p.local_network", text)
	}
	_, err := configured(t, "p2p: {private: perhaps}")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.ErrorContains(t, err, "p2p.private")
	t.Setenv("PDX_P2P_LOCAL_NETWORK", "true")
	_, err = configured(t, "p2p: {private: false}")
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
