package localnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/app"
)

// Init makes a new chain in cfg.Home and does not start it. It never overwrites: it returns
// ErrExists for a home with a chain, ErrHome for one with parts of a chain, and
// pdx.ErrInvalid for a Config out of bounds.
func Init(ctx context.Context, cfg Config) (err error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return err
	}
	if cfg.BlockInterval == 0 {
		cfg.BlockInterval = defaultBlockInterval
	}
	h := home(cfg.Home)
	lock, err := h.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if _, err := h.readSettings(); err == nil {
		return fmt.Errorf("%w in %s", ErrExists, h)
	} else if !errors.Is(err, ErrNoChain) {
		return err
	}
	if err := h.fill(ctx, cfg); err != nil {
		return errors.Join(err, h.remove())
	}
	return nil
}

// fill writes keys and genesis, then the settings that declare the home whole.
func (h home) fill(ctx context.Context, cfg Config) error {
	if err := makeNodeDirs(h.node(0)); err != nil {
		return err
	}
	encoding, err := app.NewEncoding()
	if err != nil {
		return err
	}
	keys, err := h.keyring(encoding)
	if err != nil {
		return err
	}
	faucet, err := newKey(keys, faucetKey)
	if err != nil {
		return err
	}
	operator, err := newKey(keys, operatorKey(0))
	if err != nil {
		return err
	}
	nodeID, consensusKey, err := makeNodeKeys(h.node(0))
	if err != nil {
		return err
	}
	founders := []founder{{key: operatorKey(0), operator: operator, consensus: consensusKey, nodeID: nodeID}}
	if err := h.writeGenesis(ctx, cfg, keys, faucet, founders); err != nil {
		return err
	}
	s := settings{ChainID: cfg.ChainID, Validators: cfg.Validators, BlockInterval: cfg.BlockInterval.String()}
	if err := writeFile(h.settingsFile(), s); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return nil
}

func makeNodeDirs(node string) error {
	for _, name := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(node, name), 0o700); err != nil {
			return fmt.Errorf("make node directory: %w", err)
		}
	}
	return nil
}

// makeNodeKeys writes the key that signs blocks and the key that names the node
// to its peers.
func makeNodeKeys(node string) (id string, consensus cryptotypes.PubKey, err error) {
	cfg := cometConfig(node, defaultBlockInterval)
	nodeKey, err := p2p.LoadOrGenNodeKey(cfg.NodeKeyFile())
	if err != nil {
		return "", nil, fmt.Errorf("make node key: %w", err)
	}
	pv := privval.GenFilePV(cfg.PrivValidatorKeyFile(), cfg.PrivValidatorStateFile())
	pv.Save()
	consensus, err = cryptocodec.FromCmtPubKeyInterface(pv.Key.PubKey)
	if err != nil {
		return "", nil, fmt.Errorf("make consensus key: %w", err)
	}
	return string(nodeKey.ID()), consensus, nil
}

// keyring holds the home's own keys; they are in the clear.
func (h home) keyring(encoding app.Encoding) (keyring.Keyring, error) {
	keys, err := keyring.New(app.Name, keyring.BackendTest, string(h), nil, encoding.Codec)
	if err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	return keys, nil
}

// newKey creates a key from a new random mnemonic, which is not stored.
func newKey(keys keyring.Keyring, name string) (sdk.AccAddress, error) {
	record, _, err := keys.NewMnemonic(name, keyring.English, sdk.GetConfig().GetFullBIP44Path(), "", hd.Secp256k1)
	if err != nil {
		return nil, fmt.Errorf("make key %s: %w", name, err)
	}
	return record.GetAddress()
}

// remove takes away what a chain made, and nothing else.
func (h home) remove() error {
	for _, path := range h.owned() {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove %s: %w", path, err)
		}
	}
	return nil
}
