package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/store"
)

// What lies in a home, beside config.yaml.
const (
	storageKeyFile = "storage.key" // the storage key, encrypted to the passphrase
	databaseFile   = "node.db"     // everything the node remembers
	networkFile    = "network.db"  // what it learned from the network, and may lose
	lockFile       = "lock"        // held by the process that uses the home
	blobFolder     = "blobs"       // ciphertexts and criteria
	workFolder     = "disclosed"   // what was disclosed to whom, for the seller's eyes
	pulledFolder   = "pulled"      // datasets that were paid for and whose order is forgotten
	socketFile     = "pdx.sock"
)

// Home is an opened home: locked, with its secrets unsealed.
type Home struct {
	DB      *store.DB
	Secrets *store.Secrets
	lock    *flock.Flock
}

// InitHome makes a new home with a configuration and keys; mnemonic "" makes a
// new account. Nothing that is there already is overwritten: pdx.ErrWrongState.
// A home whose making was cut short is finished.
func InitHome(ctx context.Context, cfg Config, passphrase, mnemonic string) (*keys.Keys, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if mnemonic != "" {
		var err error
		if mnemonic, err = keys.ReadMnemonic(mnemonic); err != nil {
			return nil, err // before anything is made
		}
	}
	if err := durable.MkdirAll(cfg.Home); err != nil {
		return nil, fmt.Errorf("make home: %w", err)
	}
	if _, err := os.Stat(ConfigFile(cfg.Home)); err == nil {
		return nil, fmt.Errorf("%s: %w: there is a node already; choose another --home", cfg.Home, pdx.ErrWrongState)
	}
	key, err := newKey(cfg.Home, passphrase)
	if err != nil {
		return nil, err
	}
	home, err := openHome(ctx, cfg.Home, key)
	if err != nil {
		return nil, err
	}
	defer home.Close()
	k, err := loadOrCreate(ctx, home.Secrets, mnemonic)
	if err != nil {
		return nil, err
	}
	return k, cfg.Save() // last: its presence means complete
}

// newKey makes the storage key, or unlocks that of a making that was cut short.
func newKey(path, passphrase string) (store.Key, error) {
	file := filepath.Join(path, storageKeyFile)
	key, err := store.CreateKey(file, passphrase, store.DefaultWorkFactor)
	if errors.Is(err, pdx.ErrWrongState) {
		return store.UnlockKey(file, passphrase)
	}
	return key, err
}

// loadOrCreate takes the keys that a making that was cut short left; it does not
// pass them off as those of another mnemonic.
func loadOrCreate(ctx context.Context, secrets *store.Secrets, mnemonic string) (*keys.Keys, error) {
	k, err := keys.Load(ctx, secrets)
	if errors.Is(err, pdx.ErrNotFound) {
		if err := keys.Create(ctx, secrets, mnemonic); err != nil {
			return nil, err
		}
		return keys.Load(ctx, secrets)
	}
	if err != nil || mnemonic == "" {
		return k, err
	}
	if has, err := keys.Mnemonic(ctx, secrets); err != nil || has != mnemonic {
		return nil, errors.Join(err, fmt.Errorf("%w: this home has the keys of another account, %s, already; choose another --home", pdx.ErrWrongState, k.Account()))
	}
	return k, nil
}

// OpenHome locks a home and unseals its secrets. A second process on the same
// home is pdx.ErrWrongState, a wrong passphrase pdx.ErrRefused, a file that is
// gone or damaged pdx.ErrCorrupt. Close it.
func OpenHome(ctx context.Context, path, passphrase string) (*Home, error) {
	for _, name := range []string{storageKeyFile, databaseFile} {
		if err := present(filepath.Join(path, name)); err != nil {
			return nil, err // not made anew: that would hide what was lost
		}
	}
	key, err := store.UnlockKey(filepath.Join(path, storageKeyFile), passphrase)
	if err != nil {
		return nil, err
	}
	return openHome(ctx, path, key)
}

// CheckPassphrase is pdx.ErrRefused if a passphrase is not the home's. It may be
// called while a node runs on the home.
func CheckPassphrase(path, passphrase string) error {
	_, err := store.UnlockKey(filepath.Join(path, storageKeyFile), passphrase)
	return err
}

func present(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.Size() > 0 {
		return nil
	}
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: %w: the file is missing or empty: restore it from a backup, or recover the account from its mnemonic into another home with 'pdx init --recover'", name, pdx.ErrCorrupt)
	}
	return err
}

func openHome(ctx context.Context, path string, key store.Key) (*Home, error) {
	h := &Home{lock: flock.New(filepath.Join(path, lockFile))}
	got, err := h.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !got {
		return nil, fmt.Errorf("%s: %w: another pdx process is using this home; ask it (`pdx status`) or stop it", path, pdx.ErrWrongState)
	}
	if err := sweepBackups(path); err != nil {
		return nil, errors.Join(err, h.lock.Unlock())
	}
	if h.DB, err = store.Open(ctx, filepath.Join(path, databaseFile)); err != nil {
		return nil, errors.Join(err, h.lock.Unlock())
	}
	if h.Secrets, err = store.OpenSecrets(ctx, h.DB, key); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// Close lets the home go.
func (h *Home) Close() error {
	return errors.Join(h.DB.Close(), h.lock.Unlock())
}
