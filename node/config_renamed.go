package node

import (
	"fmt"
	"strconv"

	"github.com/knadh/koanf/v2"

	"github.com/medibloc/pdx"
)

// renamed are the on-off settings that had another name in the version before.
// The old name is read for this version only.
var renamed = map[string]string{"p2p.private": "p2p.local_network"}

// renameSettings gives settings their present names and returns a warning for
// each old one. An old name that contradicts the new one is ErrInvalid.
func renameSettings(given *koanf.Koanf) (warnings []string, err error) {
	for old, name := range renamed {
		if !given.Exists(old) {
			continue
		}
		value, err := onOff(given, old)
		if err != nil {
			return nil, err
		}
		if given.Exists(name) {
			if now, err := onOff(given, name); err != nil || now != value {
				return nil, bad(old, fmt.Sprint(value), fmt.Sprintf("it is the former name of %s, which is set to %v: remove %s", name, given.Get(name), old))
			}
		}
		given.Delete(old)
		if err := given.Set(name, value); err != nil {
			return nil, fmt.Errorf("rename %s: %w", old, err)
		}
		warnings = append(warnings, fmt.Sprintf("%s is now called %s; the old name will be refused by the next version", old, name))
	}
	return warnings, nil
}

// onOff reads a setting as it is in the file, or as text from the environment.
func onOff(given *koanf.Koanf, name string) (bool, error) {
	text := fmt.Sprint(given.Get(name))
	value, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("%s = %q: %w: use true or false", name, text, pdx.ErrInvalid)
	}
	return value, nil
}
