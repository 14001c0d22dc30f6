package durable

import (
	"os"

	"golang.org/x/sys/windows"
)

// SpaceOf returns what is left on the file system of a folder.
func SpaceOf(path string) (Space, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return Space{}, err
	}
	var s Space
	if err := windows.GetDiskFreeSpaceEx(name, &s.Bytes, nil, nil); err != nil {
		return Space{}, &os.PathError{Op: "disk space", Path: path, Err: err}
	}
	return s, nil
}
