package node

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
)

// LoadConfig reads the configuration of a home.
func LoadConfig(home string) (Config, error) {
	cfg, err := loadConfig(home)
	if err != nil {
		where := ConfigFile(home)
		if names := settingsFromEnv(); len(names) > 0 {
			where += " with " + strings.Join(names, ", ")
		}
		return cfg, fmt.Errorf("configuration %s: %w", where, err)
	}
	return cfg, nil
}

func loadConfig(home string) (Config, error) {
	cfg := DefaultConfig(home)
	k := koanf.New(".")
	if err := k.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return cfg, err
	}
	given, err := givenSettings(home)
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
	if err := unknownKeys(k); err != nil {
		return cfg, err
	}
	if err := k.Unmarshal("", &cfg); err != nil {
		return cfg, unreadable(err)
	}
	cfg.Warnings = warnings
	return cfg, cfg.Validate()
}

// givenSettings are those of the file, and over them those of the environment.
func givenSettings(home string) (*koanf.Koanf, error) {
	given := koanf.New(".")
	if err := given.Load(file.Provider(ConfigFile(home)), yaml.Parser()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, unreadable(err)
	}
	return given, given.Load(env.Provider(".", env.Opt{Prefix: envPrefix, TransformFunc: fromEnv}), nil)
}

// unreadable is an error of the libraries below, in one line.
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

// Save writes the configuration into its home; a file that is there already is
// never overwritten, and none stays that could not be written whole.
func (cfg Config) Save() error {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return err
	}
	text, err := k.Marshal(yaml.Parser())
	if err != nil {
		return err
	}
	name := ConfigFile(cfg.Home)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write configuration: %w", err), os.Remove(name))
	}
	return durable.SyncDir(cfg.Home)
}

const envPrefix = "PDX_"

// listSettings are several values, in the environment with commas between.
var listSettings = []string{"roles", "chain.endpoints", "p2p.listen", "p2p.bootstrap", "upload.hours"}

// fromEnv makes chain.max_fee of PDX_CHAIN_MAX_FEE: the first underscore parts
// section and setting; chain.trust.hash is PDX_CHAIN_TRUST_HASH. Names of no
// section are not settings.
func fromEnv(key, value string) (string, any) {
	name := settingOf(key)
	switch {
	case name == "":
		return "", nil
	case !slices.Contains(listSettings, name):
		return name, value
	case value == "":
		return name, []string{}
	}
	return name, strings.Split(value, ",")
}

// settingOf is the setting that an environment variable names, "" for none.
func settingOf(variable string) string {
	name := strings.ToLower(strings.TrimPrefix(variable, envPrefix))
	section, setting, ok := strings.Cut(name, "_")
	switch {
	case name == "roles":
		return name
	case !ok || !slices.Contains([]string{"chain", "p2p", "api", "seller", "validator", "buyer", "upload", "log"}, section):
		return ""
	}
	if rest, ok := strings.CutPrefix(setting, "trust_"); ok && section == "chain" {
		return "chain.trust." + rest
	}
	return section + "." + setting
}

// settingsFromEnv are the environment variables that change the configuration.
func settingsFromEnv() (names []string) {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && settingOf(name) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// unknownKeys refuses what would be ignored silently.
func unknownKeys(k *koanf.Koanf) error {
	known := koanf.New(".")
	if err := known.Load(structs.Provider(DefaultConfig(""), "koanf"), nil); err != nil {
		return err
	}
	for _, key := range k.Keys() {
		if !known.Exists(key) {
			return fmt.Errorf("%s: %w: there is no such setting", key, pdx.ErrInvalid)
		}
	}
	return nil
}
