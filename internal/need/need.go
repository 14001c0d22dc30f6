// Package need finds what a configuration lacks.
package need

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
)

// All returns pdx.ErrInvalid, with the names of all that are missing, if a field of
// the struct config has its zero value and is not named in optional.
func All(config any, optional ...string) error {
	v := reflect.ValueOf(config)
	var missing []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !slices.Contains(optional, name) {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%w: the configuration lacks %s", pdx.ErrInvalid, strings.Join(missing, ", "))
}
