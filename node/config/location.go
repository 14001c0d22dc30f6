package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// The schemes that a path without a scheme stands for.
const (
	FileScheme   = "file"
	SQLiteScheme = "sqlite"
)

// BlobKinds returns the kinds of blob stores by the scheme of the setting "blobs": a new
// kind gets its line here.
func BlobKinds() map[string]blob.Factory {
	return map[string]blob.Factory{
		FileScheme: fs.Factory,
	}
}

// StateKinds returns the kinds of state stores by the scheme of the setting "state": a
// new kind gets its line here.
func StateKinds() map[string]store.Factory {
	return map[string]store.Factory{
		SQLiteScheme: sqlite.Factory,
	}
}

// BlobLocation returns where the blob store is; its scheme is one of BlobKinds. An invalid
// setting is pdx.ErrInvalid.
func (cfg Config) BlobLocation() (*url.URL, error) {
	return locate("blobs", cfg.Blobs, cfg.Home, FileScheme, slices.Sorted(maps.Keys(BlobKinds())))
}

// StateLocation returns where the state store is; its scheme is one of StateKinds. An
// invalid setting is pdx.ErrInvalid.
func (cfg Config) StateLocation() (*url.URL, error) {
	return locate("state", cfg.State, cfg.Home, SQLiteScheme, slices.Sorted(maps.Keys(StateKinds())))
}

// locate parses a location: SCHEME://… or a path, absolute or below the home, which is
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
