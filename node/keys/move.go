package keys

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

const (
	// secretNext holds the mnemonic of the account to which a home moves. After the move it is that of
	// the home's account.
	secretNext = "keys/next"
	// secretFormer, with an account behind it, holds the mnemonic of an account that the home had.
	secretFormer = "keys/former/"
)

// PrepareMove keeps the mnemonic of the account to which a home is to move, a new one if it is empty, and
// returns that account. A move that was begun goes on with its own: money may be there already.
func PrepareMove(ctx context.Context, secrets Secrets, mnemonic string) (to pdx.Address, err error) {
	if mnemonic != "" {
		if mnemonic, err = ReadMnemonic(mnemonic); err != nil {
			return "", err
		}
	}
	begun, err := nextMnemonic(ctx, secrets)
	switch {
	case err != nil:
		return "", err
	case begun != "" && mnemonic != "" && mnemonic != begun:
		account, err := accountOf(begun)
		return "", errors.Join(err, fmt.Errorf("%w: a move to %s was begun: finish it without another mnemonic", pdx.ErrWrongState, account))
	case begun != "":
		return accountOf(begun)
	}
	if mnemonic, err = readOrNew(mnemonic); err != nil {
		return "", err
	}
	if current, err := Mnemonic(ctx, secrets); err != nil || current == mnemonic {
		return "", errors.Join(err, fmt.Errorf("%w: this node has that account already", pdx.ErrInvalid))
	}
	if err := secrets.Put(ctx, secretNext, []byte(mnemonic)); err != nil {
		return "", err
	}
	return accountOf(mnemonic)
}

// NextMnemonic returns the mnemonic of a prepared move, for its owner's eyes.
func NextMnemonic(ctx context.Context, secrets Secrets) (string, error) {
	words, err := nextMnemonic(ctx, secrets)
	if err == nil && words == "" {
		err = fmt.Errorf("no move was begun: %w", pdx.ErrNotFound)
	}
	return words, err
}

// nextMnemonic is empty if no move is under way.
func nextMnemonic(ctx context.Context, secrets Secrets) (string, error) {
	raw, err := secrets.Get(ctx, secretNext)
	if errors.Is(err, pdx.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	current, err := Mnemonic(ctx, secrets)
	if err != nil || current == string(raw) { // it is finished
		return "", err
	}
	return string(raw), nil
}

// FinishMove makes the account of PrepareMove the home's, with a new peer key: nobody need learn that both
// accounts are of one node. The former mnemonic is kept.
func FinishMove(ctx context.Context, secrets Secrets) error {
	next, err := NextMnemonic(ctx, secrets)
	if err != nil {
		return err
	}
	current, err := Mnemonic(ctx, secrets)
	if err != nil {
		return err
	}
	former, err := accountOf(current)
	if err != nil {
		return err
	}
	if err := secrets.Put(ctx, secretFormer+string(former), []byte(current)); err != nil {
		return err
	}
	if err := putRotations(ctx, secrets, 0); err != nil {
		return err
	}
	if err := RotatePeer(ctx, secrets); err != nil {
		return err
	}
	return secrets.Put(ctx, secretMnemonic, []byte(next)) // last: with it the home has moved
}

// FormerMnemonic returns the mnemonic of an account that the home had before it moved, for its owner's eyes.
func FormerMnemonic(ctx context.Context, secrets Secrets, account pdx.Address) (string, error) {
	raw, err := secrets.Get(ctx, secretFormer+string(account))
	if errors.Is(err, pdx.ErrNotFound) {
		return "", fmt.Errorf("%w: this home never had the account %s", pdx.ErrNotFound, account)
	}
	return string(raw), err
}

// accountOf returns the account of a mnemonic.
func accountOf(mnemonic string) (pdx.Address, error) {
	k := &Keys{ring: newKeyring()}
	err := k.openAccount(mnemonic)
	return k.account, err
}
