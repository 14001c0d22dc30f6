package consent_test

import (
	"encoding/hex"
	"errors"

	"github.com/medibloc/pdx"
)

func errorsIsRefusal(err error) bool {
	return errors.Is(err, pdx.ErrInvalid) || errors.Is(err, pdx.ErrRefused)
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
