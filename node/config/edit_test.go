package config_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
)

func TestSetKeepsTheRestOfTheFile(t *testing.T) {
	home := t.TempDir()
	const mine = "# my node\nchain:\n  # the clinic's own\n  grpc: https://grpc.example.org:443 # since May\n\nroles: [seller]\n"
	require.NoError(t, os.WriteFile(config.File(home), []byte(mine), 0o600))
	for name, value := range map[string]string{
		"chain.id": "0123", "chain.grpc": "localhost:9", "chain.poll": "2s", "p2p.mdns": "false", "roles": "seller, buyer",
		"chain.trust.none": "true", "chain.gas_price": "7",
	} {
		require.NoError(t, config.Set(home, name, value), name)
	}
	cfg, err := config.Load(home)
	require.NoError(t, err)
	require.Equal(t, "0123", cfg.Chain.ID)
	require.Equal(t, "localhost:9", cfg.Chain.GRPC)
	require.False(t, cfg.P2P.MDNS)
	require.Equal(t, []string{"seller", "buyer"}, cfg.Roles)
	require.True(t, cfg.Chain.Trust.None)
	require.EqualValues(t, 7, cfg.Chain.GasPrice)
	text, err := os.ReadFile(config.File(home))
	require.NoError(t, err)
	for _, comment := range []string{"# my node", "# the clinic's own", "# since May"} {
		require.Contains(t, string(text), comment)
	}

	require.NoError(t, config.Unset(home, "chain.grpc"))
	require.NoError(t, config.Unset(home, "chain.rpc"), "it was not set")
	cfg, err = config.Load(home)
	require.NoError(t, err)
	require.Equal(t, config.Default(home).Chain.GRPC, cfg.Chain.GRPC)
}

func TestSetWritesNothingThatANodeWouldRefuse(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, config.Default(home).Save())
	before, err := os.ReadFile(config.File(home))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"chain.pol": "1s", "chain.poll": "fast", "roles": "king", "log.level": "loud", "p2p.listen": "here", "chain": "x", "": "x",
		"upload.rate": "1B", "validator.promise": "perhaps", "relay.reservations": "-1",
	} {
		require.ErrorIs(t, config.Set(home, name, value), pdx.ErrInvalid, "%s = %s", name, value)
	}
	require.ErrorContains(t, config.Set(home, "chain.pol", "1s"), "chain.poll")
	require.ErrorContains(t, config.Unset(home, "chain.pol"), "chain.poll")
	after, err := os.ReadFile(config.File(home))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))

	require.NoError(t, config.Set(home, "log.level", "debug"))
	cfg, err := config.Load(home)
	require.NoError(t, err)
	require.False(t, cfg.Unmarked, "the end marker stays")
	info, err := os.Stat(config.File(home))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestSetDoesNotHideABrokenFile(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.WriteFile(config.File(home), []byte("chain: [\n"), 0o600))
	require.ErrorIs(t, config.Set(home, "log.level", "debug"), pdx.ErrInvalid)
	text, err := os.ReadFile(config.File(home))
	require.NoError(t, err)
	require.Equal(t, "chain: [\n", string(text))
}

func TestSettingsSayWhereTheyComeFrom(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, config.Set(home, "log.level", "debug")) // there was no file
	t.Setenv("PDX_P2P_MDNS", "false")
	t.Setenv("PDX_ROLES", "seller,buyer")
	list, err := config.Settings(home)
	require.NoError(t, err)
	from := map[string]config.Setting{}
	for _, s := range list {
		from[s.Name] = s
	}
	require.Equal(t, config.Setting{Name: "log.level", Value: "debug", From: config.FromFile}, from["log.level"])
	require.Equal(t, config.Setting{Name: "p2p.mdns", Value: "false", From: config.FromEnvironment}, from["p2p.mdns"])
	require.Equal(t, config.Setting{Name: "roles", Value: "seller,buyer", From: config.FromEnvironment}, from["roles"])
	require.Equal(t, config.Setting{Name: "chain.poll", Value: "1s", From: config.FromDefault}, from["chain.poll"])
	require.Len(t, list, len(config.Names()))
}
