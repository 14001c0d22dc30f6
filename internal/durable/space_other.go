//go:build !linux && !darwin && !windows

package durable

import (
	"errors"
	"fmt"
)

// SpaceOf returns what is left on the file system of a folder.
func SpaceOf(path string) (Space, error) {
	return Space{}, fmt.Errorf("%s: disk space: %w", path, errors.ErrUnsupported)
}
