package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

// reloaded are the settings that take effect while the node runs.
var reloaded = []string{"upload.", "log.level"}

// NeedRestart names the settings that differ between the configuration of a running node
// and a later one, and that take effect at the next start only.
func (cfg Config) NeedRestart(later Config) (names []string, err error) {
	was, now := koanf.New("."), koanf.New(".")
	if err := was.Load(structs.Provider(cfg, "koanf"), nil); err != nil {
		return nil, err
	}
	if err := now.Load(structs.Provider(later, "koanf"), nil); err != nil {
		return nil, err
	}
	for name, value := range now.All() {
		live := slices.ContainsFunc(reloaded, func(part string) bool { return strings.HasPrefix(name, part) })
		if !live && fmt.Sprint(value) != fmt.Sprint(was.Get(name)) { // an empty list may be nil
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
