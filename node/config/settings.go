package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

// Where a setting comes from.
const (
	FromDefault     = "default"
	FromFile        = "file"
	FromEnvironment = "environment"
)

// A Setting is a setting of a home as a node would read it now.
type Setting struct {
	Name  string
	Value string // several values are separated by commas
	From  string // FromDefault, also where the file repeats it; FromFile or FromEnvironment
}

// Settings lists all settings of a home by name. It fails as Load does.
func Settings(home string) ([]Setting, error) {
	cfg, err := Load(home)
	if err != nil {
		return nil, err
	}
	values, err := settingsOf(cfg)
	if err != nil {
		return nil, err
	}
	usual, err := settingsOf(Default(home))
	if err != nil {
		return nil, err
	}
	var environment []string
	for _, variable := range settingsFromEnv() {
		environment = append(environment, settingOf(variable))
	}
	var list []Setting
	for _, name := range values.Keys() {
		s := Setting{Name: name, Value: asText(values.Get(name)), From: FromFile}
		switch {
		case slices.Contains(environment, name):
			s.From = FromEnvironment
		case s.Value == asText(usual.Get(name)):
			s.From = FromDefault
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// Names are the names of all settings, sorted.
func Names() []string {
	values, err := settingsOf(Default(""))
	if err != nil {
		return nil // the defaults can be read, as every start of a node shows
	}
	names := values.Keys()
	slices.Sort(names)
	return names
}

// CheckName refuses a name that no setting has, and names the nearest.
func CheckName(name string) error {
	if known := Names(); !slices.Contains(known, name) {
		return unknown(name, known)
	}
	return nil
}

func settingsOf(cfg Config) (*koanf.Koanf, error) {
	k := koanf.New(".")
	return k, k.Load(structs.Provider(cfg, "koanf"), nil)
}

// asText is a value as the environment would have it.
func asText(value any) string {
	if list, ok := value.([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(value)
}
