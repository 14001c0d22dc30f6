package fs

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/medibloc/pdx/transfer/blob"
)

// fail says what was being done and what the owner of the disk can do about it.
func fail(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case isAny(err, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG):
		return fmt.Errorf("%s: %w: %w", doing, blob.ErrNoSpace, err)
	case isAny(err, syscall.EROFS, syscall.EACCES, syscall.EPERM):
		return fmt.Errorf("%s: %w: %w", doing, blob.ErrReadOnly, err)
	case isAny(err, syscall.EIO):
		return fmt.Errorf("%s: %w: %w", doing, blob.ErrDisk, err)
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

func isAny(err error, numbers ...syscall.Errno) bool {
	for _, n := range numbers {
		if errors.Is(err, n) {
			return true
		}
	}
	return false
}
