package localnet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cometbft/cometbft/privval"
)

// Reset takes the stopped chain in dir back to its genesis: it deletes blocks and state and
// keeps keys, accounts and parameters. It returns ErrRunning while the chain runs.
func Reset(dir string) error {
	h := home(dir)
	if _, err := h.readSettings(); err != nil {
		return err
	}
	return h.whileStopped(func() error {
		data := filepath.Join(h.node(0), "data")
		if err := os.RemoveAll(data); err != nil {
			return fmt.Errorf("remove blocks: %w", err)
		}
		if err := makeNodeDirs(h.node(0)); err != nil {
			return err
		}
		cfg := cometConfig(h.node(0), defaultBlockInterval)
		if err := checkKeyFile(cfg.PrivValidatorKeyFile(), &privval.FilePVKey{}); err != nil {
			return err
		}
		// There is no block left that it could sign twice.
		privval.LoadFilePVEmptyState(cfg.PrivValidatorKeyFile(), cfg.PrivValidatorStateFile()).Save()
		return nil
	})
}

// Remove deletes the stopped chain in dir with its keys and money, whole or damaged. Files
// that are not the chain's stay. It returns ErrRunning while the chain runs.
func Remove(dir string) error {
	h := home(dir)
	return h.whileStopped(h.remove)
}

func (h home) whileStopped(do func() error) (err error) {
	lock, err := h.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	return do()
}
