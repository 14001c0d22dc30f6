//go:build !linux

package durable

import "os"

func syncsAll(*os.File) bool { return false }

func syncAll(dir *os.File) error { return dir.Sync() }
