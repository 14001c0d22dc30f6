package localnet_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/localnet"
	"github.com/medibloc/pdx/chain/localnet/localnettest"
)

func TestInitNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	genesis := filepath.Join(dir, "node0", "config", "genesis.json")
	before, err := os.ReadFile(genesis)
	require.NoError(t, err)
	require.ErrorIs(t, localnet.Init(t.Context(), fast(dir)), localnet.ErrExists)
	after, err := os.ReadFile(genesis)
	require.NoError(t, err)
	require.Equal(t, before, after)

	// Without its settings the home is not taken for an empty one.
	require.NoError(t, os.Remove(filepath.Join(dir, "localnet.json")))
	require.ErrorIs(t, localnet.Init(t.Context(), fast(dir)), localnet.ErrHome)
	_, err = localnet.New(fast(dir))
	require.ErrorIs(t, err, localnet.ErrHome)
}

func TestInitRefusesNonsense(t *testing.T) {
	for name, spoil := range map[string]func(*localnet.Config){
		"no home":          func(c *localnet.Config) { c.Home = "" },
		"two validators":   func(c *localnet.Config) { c.Validators = 2 },
		"no time at all":   func(c *localnet.Config) { c.BlockInterval = time.Microsecond },
		"foreign account":  func(c *localnet.Config) { c.Accounts = []localnet.Account{{Address: "cosmos1xyz", Balance: 1}} },
		"endless chain id": func(c *localnet.Config) { c.ChainID = string(make([]byte, 60)) },
		"long block":       func(c *localnet.Config) { c.BlockInterval = 2 * time.Hour },
		"endless deadline": func(c *localnet.Config) { c.Datapool.Deadlines.Key = 1 << 62 },
		"account twice": func(c *localnet.Config) {
			a := localnet.Account{Address: "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc", Balance: 1}
			c.Accounts = []localnet.Account{a, a}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := fast(t.TempDir())
			spoil(&cfg)
			require.ErrorIs(t, localnet.Init(t.Context(), cfg), pdx.ErrInvalid)
			if cfg.Home != "" {
				_, err := localnet.New(localnet.Config{Home: cfg.Home})
				require.ErrorIs(t, err, localnet.ErrNoChain, "a failed init leaves nothing")
			}
		})
	}
}

func TestDamagedHomesAreNamed(t *testing.T) {
	for _, file := range []string{
		"localnet.json", "node0/config/genesis.json", "node0/config/priv_validator_key.json",
		"node0/config/node_key.json", "node0/data/priv_validator_state.json",
	} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, localnet.Init(t.Context(), fast(dir)))
			require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte("{"), 0o600))
			chain, err := localnet.New(localnet.Config{Home: dir})
			if err == nil {
				err = chain.Start(t.Context())
			}
			require.ErrorIs(t, err, localnet.ErrHome)
			require.ErrorIs(t, err, pdx.ErrCorrupt)
		})
	}
}

func TestNothingThere(t *testing.T) {
	dir := t.TempDir()
	_, err := localnet.New(localnet.Config{Home: dir})
	require.ErrorIs(t, err, localnet.ErrNoChain)
	_, err = localnet.ReadEndpoints(dir)
	require.ErrorIs(t, err, localnet.ErrNoChain)
	require.ErrorIs(t, localnet.Reset(dir), localnet.ErrNoChain)
	_, err = localnet.Fund(t.Context(), dir, "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc", 1)
	require.ErrorIs(t, err, localnet.ErrNoChain)
}

func TestResetGoesBackToGenesis(t *testing.T) {
	chain := localnettest.Start(t)
	buyer := chain.Account("buyer").Address
	before := chain.Balance(t, buyer)
	chain.Fund(t, buyer, 5)
	chain.WaitHeight(t, 5)
	require.NoError(t, chain.Stop(t.Context()))
	require.NoError(t, localnet.Reset(chain.Home))
	chain.Restart(t)
	require.Less(t, chain.Height(t), int64(5))
	require.Equal(t, before, chain.Balance(t, buyer))
	chain.Fund(t, buyer, 5)
}

func TestRemoveTakesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
	letter := filepath.Join(dir, "letter.txt")
	require.NoError(t, os.WriteFile(letter, []byte("mine"), 0o600))
	require.NoError(t, localnet.Remove(dir))
	require.FileExists(t, letter)
	require.NoDirExists(t, filepath.Join(dir, "node0"))
	require.NoDirExists(t, filepath.Join(dir, "keyring-test"))
	require.NoError(t, localnet.Init(t.Context(), fast(dir)))
}
