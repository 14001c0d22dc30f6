package node_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node"
)

func TestConfigSurvivesItsFile(t *testing.T) {
	want := node.DefaultConfig(t.TempDir())
	want.Chain.Poll = 200 * time.Millisecond
	want.P2P.QUIC = false
	want.P2P.Bootstrap = []string{"/ip4/127.0.0.1/tcp/1/p2p/12D3KooWBmwkafWE2fqfzS96VoTZgpGp6aJsF4N6eZs6fZ9JjAYK"}
	require.NoError(t, want.Save())
	got, err := node.LoadConfig(want.Home)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.ErrorIs(t, want.Save(), os.ErrExist, "a configuration is never overwritten")
}

func TestEnvironmentGoesBeforeTheFile(t *testing.T) {
	t.Setenv("PDX_CHAIN_MAX_FEE", "3MED")
	t.Setenv("PDX_P2P_QUIC", "false")
	t.Setenv("PDX_ROLES", "seller,validator")
	t.Setenv("PDX_HOME", "/elsewhere")
	got, err := node.LoadConfig(t.TempDir())
	require.NoError(t, err)
	require.Equal(t, "3MED", got.Chain.MaxFee)
	require.False(t, got.P2P.QUIC)
	require.True(t, got.Plays(pdx.RoleSeller))
	require.False(t, got.Plays(pdx.RoleBuyer))
}

func TestBadConfigNamesTheSetting(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"not yaml":        {"chain: [", "config.yaml"},
		"wrong type":      {"p2p: {quic: perhaps}", "quic"},
		"unknown setting": {"chain: {idd: x}", "chain.idd"},
		"role":            {"roles: [miner]", "miner"},
		"listen":          {"p2p: {listen: [localhost:80]}", "p2p.listen"},
		"udp only":        {"p2p: {listen: [/ip4/0.0.0.0/udp/0/quic-v1]}", "p2p.listen"},
		"no listen":       {"p2p: {listen: []}", "p2p.listen"},
		"fee":             {"chain: {max_fee: 1BTC}", "chain.max_fee"},
		"level":           {"log: {level: loud}", "log.level"},
		"web elsewhere":   {"api: {web: 0.0.0.0:8780}", "api.web"},
		"web no port":     {"api: {web: localhost}", "api.web"},
		"chain":           {`chain: {grpc: ""}`, "chain.grpc"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			require.NoError(t, os.WriteFile(node.ConfigFile(home), []byte(c.text), 0o600))
			_, err := node.LoadConfig(home)
			require.ErrorIs(t, err, pdx.ErrInvalid)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestHome(t *testing.T) {
	cfg := node.DefaultConfig(t.TempDir() + "/home")
	k, err := node.InitHome(t.Context(), cfg, "correct horse", "")
	require.NoError(t, err)
	require.NotEmpty(t, k.Account())

	_, err = node.InitHome(t.Context(), cfg, "other", "")
	require.ErrorIs(t, err, pdx.ErrWrongState)
	_, err = node.OpenHome(t.Context(), cfg.Home, "wrong")
	require.ErrorIs(t, err, pdx.ErrRefused)

	home, err := node.OpenHome(t.Context(), cfg.Home, "correct horse")
	require.NoError(t, err)
	_, err = node.OpenHome(t.Context(), cfg.Home, "correct horse")
	require.ErrorIs(t, err, pdx.ErrWrongState, "one process to a home")
	require.NoError(t, home.Close())
}
