package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
)

// Load reads the configuration of a home from its file and the environment. A missing file
// leaves the defaults. The error wraps pdx.ErrInvalid and names the file or the setting.
func Load(home string) (Config, error) {
	cfg, err := load(home)
	if err != nil {
		where := File(home)
		if names := settingsFromEnv(); len(names) > 0 {
			where += " with " + strings.Join(names, ", ")
		}
		return cfg, fmt.Errorf("configuration %s: %w", where, err)
	}
	return cfg, nil
}

func load(home string) (Config, error) {
	text, err := os.ReadFile(File(home))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Default(home), err
	}
	return parse(home, text)
}

// parse reads the configuration of a home from the text of its file and the environment.
func parse(home string, text []byte) (Config, error) {
	cfg := Default(home)
	k := koanf.New(".")
	if err := k.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return cfg, err
	}
	given, whole, err := givenSettings(text)
	if err != nil {
		return cfg, err
	}
	warnings, err := renameSettings(given)
	if err != nil {
		return cfg, err
	}
	if err := k.Merge(given); err != nil {
		return cfg, err
	}
	if err := checkNames(k); err != nil {
		return cfg, err
	}
	if err := k.Unmarshal("", &cfg); err != nil {
		return cfg, withWarnings(unreadable(err), warnings)
	}
	cfg.Warnings, cfg.Unmarked = warnings, !whole
	return cfg, withWarnings(cfg.Validate(), warnings)
}

// withWarnings adds the warnings to an error, which may be about a setting that the
// file has by its former name.
func withWarnings(err error, warnings []string) error {
	if err == nil || len(warnings) == 0 {
		return err
	}
	return fmt.Errorf("%w; %s", err, strings.Join(warnings, "; "))
}

// givenSettings returns the settings of the file, overridden by those of the
// environment. It reports whether the file, unless it is empty, shows that it is whole.
func givenSettings(text []byte) (given *koanf.Koanf, whole bool, err error) {
	given = koanf.New(".")
	parser := &wholeYAML{marked: true}
	if len(text) != 0 {
		err = given.Load(fileText(text), parser)
	}
	switch {
	case errors.Is(err, pdx.ErrInvalid):
		return nil, false, err
	case err != nil:
		return nil, false, unreadable(err)
	}
	return given, parser.marked, given.Load(env.Provider(".", env.Opt{Prefix: envPrefix, TransformFunc: fromEnv}), nil)
}

// fileText is the text of a file, to koanf.
type fileText []byte

func (t fileText) ReadBytes() ([]byte, error)    { return t, nil }
func (t fileText) Read() (map[string]any, error) { return nil, errors.ErrUnsupported }

// unreadable puts an error of the parsers into one line.
func unreadable(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return err
	}
	_, text, found := strings.Cut(err.Error(), "error(s):\n\n")
	if !found {
		text = err.Error()
	}
	return fmt.Errorf("%w: %s", pdx.ErrInvalid, strings.ReplaceAll(strings.TrimSpace(text), "\n", "; "))
}

// Save writes the configuration into its home. It never overwrites an existing file
// and leaves no partial one.
func (cfg Config) Save() error {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return err
	}
	text, err := k.Marshal(yaml.Parser())
	if err != nil {
		return err
	}
	name := File(cfg.Home)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(marked(text))
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write configuration: %w", err), os.Remove(name))
	}
	return durable.SyncDir(cfg.Home)
}
