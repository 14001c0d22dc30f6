package config

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// The schemes that a bare path stands for.
const (
	FileScheme   = "file"
	SQLiteScheme = "sqlite"
)

// Schemes of the stores that package home opens.
var (
	blobSchemes  = []string{FileScheme}
	stateSchemes = []string{SQLiteScheme}
)

// BlobLocation returns where the blob store is.
func (cfg Config) BlobLocation() (*url.URL, error) {
	return locate("blobs", cfg.Blobs, cfg.Home, FileScheme, blobSchemes)
}

// StateLocation returns where the state store is.
func (cfg Config) StateLocation() (*url.URL, error) {
	return locate("state", cfg.State, cfg.Home, SQLiteScheme, stateSchemes)
}

// locate reads a location: SCHEME://… or a path, absolute or below the home, which is
// of the scheme paths.
func locate(setting, location, home, paths string, schemes []string) (*url.URL, error) {
	scheme, _, isURL := strings.Cut(location, "://")
	if !isURL {
		if location == "" {
			return nil, invalid(setting, "", "it is empty: remove the setting to use the default")
		}
		if !filepath.IsAbs(location) {
			location = filepath.Join(home, location)
		}
		return &url.URL{Scheme: paths, Path: filepath.ToSlash(location)}, nil
	}
	if !slices.Contains(schemes, scheme) { // the rest may hold a password
		known := strings.Join(schemes, "://…, ") + "://…"
		return nil, invalid(setting, scheme+"://…", fmt.Sprintf("there is no such kind of store: use a path, or %s", known))
	}
	at, err := url.Parse(location)
	if err != nil {
		return nil, invalid(setting, scheme+"://…", "it is not a URL")
	}
	if scheme == paths && (at.Host != "" || at.Path == "" || at.RawQuery != "" || at.Fragment != "") {
		return nil, invalid(setting, at.Redacted(), fmt.Sprintf("write it like %s:///absolute/path, or as a path", paths))
	}
	return at, nil
}

// checkStores refuses a location that names no known kind of store.
func (cfg Config) checkStores() error {
	_, blobs := cfg.BlobLocation()
	_, state := cfg.StateLocation()
	return errors.Join(blobs, state)
}
