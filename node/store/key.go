package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"filippo.io/age"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
)

// Key is a storage key, 32 bytes. It does not show itself.
type Key struct{ bytes [32]byte }

const redacted = "[storage key]"

// String hides the key.
func (Key) String() string { return redacted }

// GoString hides the key from %#v.
func (Key) GoString() string { return redacted }

// Format hides the key from every other verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the key from slog.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText refuses: a storage key is written by CreateKey only.
func (Key) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("%w: a storage key is not written as text", pdx.ErrRefused)
}

// CreateKey makes a new storage key and writes it to a new file at path (mode
// 0600), encrypted to the passphrase with scrypt at 2^workFactor
// (DefaultWorkFactor, less in tests). A file that is there already is never
// overwritten: it may be the only key to what lies in the store.
func CreateKey(path, passphrase string, workFactor int) (Key, error) {
	key, err := createKey(path, passphrase, workFactor)
	if err != nil {
		return Key{}, fmt.Errorf("create storage key %s: %w", path, err)
	}
	return key, nil
}

func createKey(path, passphrase string, workFactor int) (Key, error) {
	defer debug.FreeOSMemory() // see unlockKey
	if err := checkSealing(passphrase, workFactor); err != nil {
		return Key{}, err
	}
	var key Key
	if _, err := rand.Read(key.bytes[:]); err != nil {
		return Key{}, err
	}
	sealed, err := encryptKey(key, passphrase, workFactor)
	if err != nil {
		return Key{}, err
	}
	return key, writeNew(path, sealed)
}

// checkSealing refuses what no key file is encrypted with.
func checkSealing(passphrase string, workFactor int) error {
	if passphrase == "" {
		return fmt.Errorf("%w: the passphrase is empty", pdx.ErrInvalid)
	}
	if workFactor < 1 || workFactor > maxWorkFactor {
		return fmt.Errorf("%w: work factor %d is not between 1 and %d", pdx.ErrInvalid, workFactor, maxWorkFactor)
	}
	return nil
}

func encryptKey(key Key, passphrase string, workFactor int) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(workFactor)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(key.bytes[:]); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil { // writes the last chunk
		return nil, err
	}
	return sealed.Bytes(), nil
}

// ChangePassphrase replaces the key file at path by one with the same storage key that opens with another
// passphrase. After a crash the file opens with the old passphrase or with the new one. A wrong old
// passphrase is ErrRefused. Copies of the old file, such as those in backups, still open with the old one.
func ChangePassphrase(path, old, passphrase string, workFactor int) error {
	key, err := UnlockKey(path, old)
	if err != nil {
		return err
	}
	if err := changePassphrase(key, path, passphrase, workFactor); err != nil {
		return fmt.Errorf("change the passphrase of %s: %w", path, err)
	}
	return nil
}

func changePassphrase(key Key, path, passphrase string, workFactor int) error {
	defer debug.FreeOSMemory() // see unlockKey
	if err := checkSealing(passphrase, workFactor); err != nil {
		return err
	}
	sealed, err := encryptKey(key, passphrase, workFactor)
	if err != nil {
		return err
	}
	switch again, err := openKey(sealed, passphrase); {
	case err != nil: // the old file is the only other copy of the key
		return err
	case again != key:
		return fmt.Errorf("%w: the new file would not have the key", pdx.ErrCorrupt)
	}
	return durable.Replace(path, sealed)
}

// UnlockKey reads the storage key from its file. A wrong passphrase is ErrRefused.
func UnlockKey(path, passphrase string) (Key, error) {
	key, err := unlockKey(path, passphrase)
	if err != nil {
		return Key{}, fmt.Errorf("unlock storage key %s: %w", path, err)
	}
	return key, nil
}

// unlockKey gives scrypt's memory back to the system at once. Its 256 MiB would
// otherwise be the live heap from which the collector takes its next goal, so the
// process would grow to twice that before the first collection.
func unlockKey(path, passphrase string) (Key, error) {
	defer debug.FreeOSMemory()
	sealed, err := readSmall(path)
	if err != nil {
		return Key{}, err
	}
	return openKey(sealed, passphrase)
}

// openKey reads the storage key out of the content of its file.
func openKey(sealed []byte, passphrase string) (Key, error) {
	if passphrase == "" { // age refuses to try it
		return Key{}, errPassphrase
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return Key{}, err
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	var mismatch *age.NoIdentityMatchError
	if errors.As(err, &mismatch) {
		return Key{}, errPassphrase
	}
	if err != nil {
		return Key{}, fmt.Errorf("%w: not a storage key file, or damaged: restore it from a backup (%v)", pdx.ErrCorrupt, err)
	}
	return readKey(r)
}

var errPassphrase = fmt.Errorf("%w: the passphrase is wrong: try again with the one chosen when this node was set up; "+
	"without it the stored secrets cannot be read", pdx.ErrRefused)

func readKey(r io.Reader) (Key, error) {
	plain, err := io.ReadAll(io.LimitReader(r, int64(len(Key{}.bytes)+1)))
	if err != nil || len(plain) != len(Key{}.bytes) {
		return Key{}, fmt.Errorf("%w: the storage key file is damaged: restore it from a backup", pdx.ErrCorrupt)
	}
	return Key{bytes: [32]byte(plain)}, nil
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no such file: set up the node first", pdx.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxKeyFile))
}

// writeNew puts a whole, synced file at path or none: it is linked into place,
// which fails if the name is taken.
func writeNew(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-key-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), path)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: there is a file already; it is not overwritten", pdx.ErrWrongState)
	}
	if err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}
