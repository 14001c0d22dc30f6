package localnet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"github.com/medibloc/pdx/chain/endpoints"
	"github.com/medibloc/pdx/internal/durable"
)

// home is the directory of one chain; see the package comment for its layout.
type home string

func (h home) path(names ...string) string {
	return filepath.Join(append([]string{string(h)}, names...)...)
}
func (h home) settingsFile() string  { return h.path("localnet.json") }
func (h home) endpointsFile() string { return h.path(endpoints.File) }
func (h home) keyringDir() string    { return h.path("keyring-test") }
func (h home) node(i int) string     { return h.path("node" + strconv.Itoa(i)) } //nolint:unparam // one chain validator so far

// settings are what New must know of a chain before it opens it.
type settings struct {
	ChainID       string `json:"chain_id"`
	Validators    int    `json:"validators"`
	BlockInterval string `json:"block_interval"`
}

func (s settings) interval() (time.Duration, error) { return time.ParseDuration(s.BlockInterval) }

// readSettings fails with ErrNoChain where Init has never finished.
func (h home) readSettings() (settings, error) {
	var s settings
	raw, err := os.ReadFile(h.settingsFile())
	if errors.Is(err, fs.ErrNotExist) {
		return s, h.whyEmpty()
	}
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("%w: %s: %w", ErrHome, h.settingsFile(), err)
	}
	if d, err := s.interval(); err != nil || d < minBlockInterval || s.ChainID == "" || s.Validators != 1 {
		return s, fmt.Errorf("%w: %s does not describe a chain", ErrHome, h.settingsFile())
	}
	return s, nil
}

// whyEmpty distinguishes a home that never existed from one that lost its settings.
func (h home) whyEmpty() error {
	for _, left := range h.owned() {
		if left == h.settingsFile() || left == h.endpointsFile() {
			continue
		}
		if _, err := os.Lstat(left); err == nil {
			return fmt.Errorf("%w: %s is there but localnet.json is not; move it away or reset everything", ErrHome, left)
		}
	}
	return fmt.Errorf("%w in %s", ErrNoChain, h)
}

// owned returns the paths that a chain makes in its home, but for its locks.
func (h home) owned() []string {
	return []string{h.settingsFile(), h.endpointsFile(), h.keyringDir(), h.node(0)}
}

// lock holds the home for this process until the lock is closed.
func (h home) lock() (*flock.Flock, error) {
	if err := os.MkdirAll(string(h), 0o700); err != nil {
		return nil, fmt.Errorf("make home: %w", err)
	}
	lock := flock.New(h.path("lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock home: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("%w%s", ErrRunning, h.where())
	}
	return lock, nil
}

// where is " in HOME (process N, grpc ADDRESS)", as far as it is known.
func (h home) where() string {
	e, err := endpoints.Read(string(h))
	if err != nil || e.PID == 0 {
		return " in " + string(h)
	}
	return fmt.Sprintf(" in %s (process %d, grpc %s)", h, e.PID, e.GRPC)
}

// writeFile replaces a file whole or not at all.
func writeFile(path string, content any) error {
	raw, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	return durable.Replace(path, append(raw, '\n'))
}
