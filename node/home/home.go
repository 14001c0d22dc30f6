package home

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/store"
)

// Files and folders of a home, besides config.yaml.
const (
	NetworkFile     = "network.db" // a cache of what the node learned about the network
	DisclosedFolder = "disclosed"  // disclosed records, per sale
	PulledFolder    = "pulled"     // datasets of deals that were bought, for which this home no longer has an order

	LogFolder = "log" // the log of the node, up to log.keep

	storageKeyFile = "storage.key" // the storage key, encrypted to the passphrase
	databaseFile   = "node.db"     // the node's state
	lockFile       = "lock"        // held by the process that uses the home
	blobFolder     = "blobs"       // ciphertexts and criteria
	stagingFolder  = "staging"     // blobs being pulled, for a blob store that takes them only whole
)

// Tables of the state that both the roles and a backup read.
const (
	PoolsTable = "pools" // the buyer's
	PullsTable = "pulls" // the buyer's deals
	SalesTable = "sales" // the seller's
	// ErasuresTable is of the requests to delete records, of both sides.
	ErasuresTable = "erasures"
	DataTable     = "data" // the seller's files and folders

	RecordSetsTable = "record_sets" // of open pools
)

// A Home is an open home: locked, with its secrets unsealed.
type Home struct {
	DB      *store.DB
	Secrets *store.Secrets
	lock    *flock.Flock
}

// Init creates a home with a configuration and keys. An empty mnemonic creates a new
// account; a malformed one is pdx.ErrInvalid. Init never overwrites an existing node
// (pdx.ErrWrongState), but completes a home whose creation was interrupted.
func Init(ctx context.Context, cfg config.Config, passphrase, mnemonic string) (*keys.Keys, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if mnemonic != "" {
		var err error
		if mnemonic, err = keys.ReadMnemonic(mnemonic); err != nil {
			return nil, err // before anything is created
		}
	}
	if err := durable.MkdirAll(cfg.Home); err != nil {
		return nil, fmt.Errorf("create home: %w", err)
	}
	if _, err := os.Stat(config.File(cfg.Home)); err == nil {
		return nil, fmt.Errorf("%s: %w: the folder already has a node; choose another --home", cfg.Home, pdx.ErrWrongState)
	}
	key, err := newKey(cfg, passphrase)
	if err != nil {
		return nil, err
	}
	home, err := openHome(ctx, cfg, key)
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

// newKey creates the storage key, or unlocks that of an interrupted creation.
func newKey(cfg config.Config, passphrase string) (store.Key, error) {
	file := filepath.Join(cfg.Home, storageKeyFile)
	key, err := store.CreateKey(file, passphrase, cmp.Or(cfg.WorkFactor, store.DefaultWorkFactor))
	if errors.Is(err, pdx.ErrWrongState) {
		return store.UnlockKey(file, passphrase)
	}
	return key, err
}

// loadOrCreate loads the keys of an interrupted creation, unless they belong to
// another mnemonic, or creates keys.
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
		return nil, errors.Join(err, fmt.Errorf("%w: this home already has the keys of another account, %s; choose another --home",
			pdx.ErrWrongState, k.Account()))
	}
	return k, nil
}

// Open locks a home and unseals its secrets. It returns pdx.ErrWrongState if another
// process uses the home, pdx.ErrRefused for a wrong passphrase, and pdx.ErrCorrupt if
// a file is missing or damaged. The caller must Close it.
func Open(ctx context.Context, path, passphrase string) (*Home, error) {
	cfg, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	if err := present(filepath.Join(path, storageKeyFile)); err != nil {
		return nil, err
	}
	if err := checkState(cfg); err != nil {
		return nil, err
	}
	key, err := store.UnlockKey(filepath.Join(path, storageKeyFile), passphrase)
	if err != nil {
		return nil, err
	}
	return openHome(ctx, cfg, key)
}

// CheckPassphrase returns pdx.ErrRefused if the passphrase is not the home's. It may
// be called while a node runs on the home.
func CheckPassphrase(path, passphrase string) error {
	_, err := store.UnlockKey(filepath.Join(path, storageKeyFile), passphrase)
	return err
}

// ChangePassphrase makes a home open with another passphrase; see store.ChangePassphrase. It may be
// called while a node runs on the home: the node has read the key, and needs the new passphrase at
// its next start.
func ChangePassphrase(path, old, passphrase string, workFactor int) error {
	file := filepath.Join(path, storageKeyFile)
	if err := present(file); err != nil {
		return err
	}
	return store.ChangePassphrase(file, old, passphrase, cmp.Or(workFactor, store.DefaultWorkFactor))
}

// present returns pdx.ErrCorrupt if a file is missing or empty.
func present(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.Size() > 0 {
		return nil
	}
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: %w: the file is missing or empty: restore it from a backup,"+
			" or recover the account from its mnemonic into another home with 'pdx init --recover'", name, pdx.ErrCorrupt)
	}
	return err
}

func openHome(ctx context.Context, cfg config.Config, key store.Key) (*Home, error) {
	path := cfg.Home
	h := &Home{lock: flock.New(filepath.Join(path, lockFile))}
	got, err := h.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !got {
		return nil, fmt.Errorf("%s: %w: another pdx process is using this home; see `pdx status`, or stop it", path, pdx.ErrWrongState)
	}
	if err := sweepBackups(path); err != nil {
		return nil, errors.Join(err, h.lock.Unlock())
	}
	if h.DB, err = openState(ctx, cfg); err != nil {
		return nil, errors.Join(err, h.lock.Unlock())
	}
	if h.Secrets, err = store.OpenSecrets(ctx, h.DB, key); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// InUse reports whether a process uses a home. It holds the home's lock for a moment if none does.
func InUse(path string) (bool, error) {
	lock := flock.New(filepath.Join(path, lockFile))
	got, err := lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", path, err)
	}
	return !got, lock.Unlock()
}

// Close closes the database and unlocks the home.
func (h *Home) Close() error {
	return errors.Join(h.DB.Close(), h.lock.Unlock())
}
