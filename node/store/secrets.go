package store

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/medibloc/pdx"
)

// Secrets holds byte strings sealed under the storage key.
type Secrets struct {
	db   *DB
	aead cipher.AEAD
}

// witness is a row of this package's own by which a foreign key is noticed at
// once and not when the first secret is needed.
const witness = "store/witness"

// OpenSecrets opens the secrets of db with the storage key. A key that is not
// the one they were sealed with is ErrRefused.
func OpenSecrets(ctx context.Context, db *DB, key Key) (*Secrets, error) {
	aead, err := chacha20poly1305.NewX(key.bytes[:])
	if err != nil {
		return nil, err
	}
	s := &Secrets{db: db, aead: aead}
	_, err = s.Get(ctx, witness)
	switch {
	case errors.Is(err, pdx.ErrNotFound):
		return s, s.Put(ctx, witness, nil)
	case errors.Is(err, pdx.ErrCorrupt) && s.opensAny(ctx):
		return nil, fmt.Errorf("open secrets: %w: row %q of table \"secrets\" is damaged, and others may be: "+
			"stop the node and restore the database from a backup", pdx.ErrCorrupt, witness)
	case errors.Is(err, pdx.ErrCorrupt):
		return nil, fmt.Errorf("open secrets: %w: this storage key does not open this database: "+
			"put back the key file that belongs to it", pdx.ErrRefused)
	case err != nil:
		return nil, err
	}
	return s, nil
}

// opensAny reports whether the key opens any secret, which a foreign key does not.
func (s *Secrets) opensAny(ctx context.Context) bool {
	names, err := s.db.backend.SealedNames(ctx, "", triedSecrets)
	return err == nil && slices.ContainsFunc(names, func(name string) bool {
		_, err := s.Get(ctx, name)
		return err == nil
	})
}

// Put seals value under name, whatever was there; when it returns nil it is on disk.
func (s *Secrets) Put(ctx context.Context, name string, value []byte) error {
	if name == "" || len(value) > MaxSecret {
		return fmt.Errorf("put secret %q: %w: a secret has a name and at most %d bytes", name, pdx.ErrInvalid, MaxSecret)
	}
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(value)+s.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("put secret %s: %w", name, err)
	}
	sealed := s.aead.Seal(nonce, nonce, value, []byte(name))
	return explain("put secret "+name, s.db.backend.PutSealed(ctx, name, sealed))
}

// Get opens the secret of that name: ErrNotFound if there is none, ErrCorrupt if
// the row was changed, moved or sealed under another key.
func (s *Secrets) Get(ctx context.Context, name string) ([]byte, error) {
	sealed, err := s.db.backend.Sealed(ctx, name)
	if err != nil {
		return nil, explain("get secret "+name, err)
	}
	if len(sealed) < s.aead.NonceSize() {
		return nil, fmt.Errorf("get secret %s: %w: too short", name, pdx.ErrCorrupt)
	}
	nonce, box := sealed[:s.aead.NonceSize()], sealed[s.aead.NonceSize():]
	value, err := s.aead.Open(nil, nonce, box, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("get secret %s: %w: row %q of table \"secrets\" does not open: "+
			"stop the node and restore the database from a backup", name, pdx.ErrCorrupt, name)
	}
	return value, nil
}

// Delete overwrites and removes the secret of that name; it is no error if there
// is none. Copies in backups remain, sealed.
func (s *Secrets) Delete(ctx context.Context, name string) error {
	return explain("delete secret "+name, s.db.backend.DeleteSealed(ctx, name))
}

// Names lists the names of secrets that begin with prefix, in their byte order.
func (s *Secrets) Names(ctx context.Context, prefix string) ([]string, error) {
	names, err := s.db.backend.SealedNames(ctx, prefix, 0)
	return names, explain("list secrets "+prefix, err)
}
