package backup

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/medibloc/pdx"
)

// Encrypt returns a writer whose bytes go to dst encrypted to a passphrase, with
// scrypt at 2^workFactor. Close ends the file: without it the file does not open.
func Encrypt(dst io.Writer, passphrase string, workFactor int) (io.WriteCloser, error) {
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w: %v", pdx.ErrInvalid, err)
	}
	recipient.SetWorkFactor(workFactor)
	return age.Encrypt(dst, recipient)
}

// Decrypt returns a reader of what Encrypt wrote. Errors: ErrForeign, ErrPassphrase,
// and from the reader ErrDamaged.
func Decrypt(src io.Reader, passphrase string) (io.Reader, error) {
	if passphrase == "" { // age refuses to try it
		return nil, ErrPassphrase
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	plain, err := age.Decrypt(bufio.NewReaderSize(src, 1<<20), identity)
	var mismatch *age.NoIdentityMatchError
	switch {
	case errors.As(err, &mismatch):
		return nil, ErrPassphrase
	case err != nil:
		return nil, fmt.Errorf("%w (%v)", ErrForeign, err)
	}
	return decrypted{plain}, nil
}

// decrypted gives what is wrong with the ciphertext its meaning.
type decrypted struct{ r io.Reader }

// Read implements io.Reader.
func (d decrypted) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // readers return it bare
		err = fmt.Errorf("%w (%v)", ErrDamaged, err)
	}
	return n, err
}
