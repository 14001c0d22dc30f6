package health

import (
	"strings"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/home"
)

// Settings judges the configuration file of a running node: restart are the changed
// settings that take effect at the next start, trouble is why the file cannot be used.
func Settings(restart []string, trouble error) []api.Health {
	switch {
	case trouble != nil:
		return []api.Health{{Part: "configuration", Message: trouble.Error() + "; the former settings stay in force until the file is repaired"}}
	case len(restart) > 0:
		return []api.Health{{
			Part: "configuration", OK: true, Message: "restart the daemon to change " + strings.Join(restart, ", "),
		}}
	}
	return nil
}

// Files names what other accounts of the machine can read or change.
func Files(exposed []home.ExposedFile) (list []api.Health) {
	for _, e := range exposed {
		list = append(list, api.Health{Part: "files", Message: e.Cure()})
	}
	return list
}
