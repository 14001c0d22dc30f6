package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/text"
)

// renamed maps former names of settings to the present ones. The next version
// refuses them.
var renamed = map[string]string{
	"p2p.private":    "p2p.local_network",
	"validator.room": "validator.quota",
	"buyer.vouchers": "buyer.signed_acks",
}

// renameSettings gives settings their present names and returns a warning for each
// former one. A former name that contradicts the present one is pdx.ErrInvalid.
func renameSettings(given *koanf.Koanf) (warnings []string, err error) {
	for _, old := range slices.Sorted(maps.Keys(renamed)) {
		if !given.Exists(old) {
			continue
		}
		name, value := renamed[old], given.Get(old)
		if given.Exists(name) && !equal(value, given.Get(name)) {
			return nil, invalid(old, fmt.Sprint(value),
				fmt.Sprintf("the former name of %s, which is set to %v: remove %s", name, given.Get(name), old))
		}
		given.Delete(old)
		if err := given.Set(name, value); err != nil {
			return nil, fmt.Errorf("rename %s: %w", old, err)
		}
		warnings = append(warnings, fmt.Sprintf("%s is now called %s; the next version will refuse the old name", old, name))
	}
	return warnings, nil
}

// equal reports whether two values mean the same: typed ones from the file, or text
// from the environment.
func equal(a, b any) bool {
	x, y := fmt.Sprint(a), fmt.Sprint(b)
	p, err1 := strconv.ParseBool(x)
	q, err2 := strconv.ParseBool(y)
	return x == y || err1 == nil && err2 == nil && p == q
}

// checkNames refuses settings that would be ignored silently.
func checkNames(k *koanf.Koanf) error {
	known := koanf.New(".")
	if err := known.Load(structs.Provider(Default(""), "koanf"), nil); err != nil {
		return err
	}
	for _, key := range k.Keys() {
		if !known.Exists(key) {
			return unknown(key, known.Keys())
		}
	}
	return nil
}

// unknown refuses a name that is none of the known ones.
func unknown(name string, known []string) error {
	return fmt.Errorf("%s: %w: no such setting; the nearest is %s", name, pdx.ErrInvalid, text.Nearest(name, known))
}
