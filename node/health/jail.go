package health

import (
	"strings"

	"github.com/medibloc/pdx/criteria/jail"
	"github.com/medibloc/pdx/node/api"
)

// Jail says what keeps the process in that parses foreign bytes. err is why none starts.
func Jail(f jail.Fences, err error) api.Health {
	h := api.Health{Part: "jail"}
	if err != nil {
		h.Message = "no process can be started to parse data in, so none is sold, checked or counted: " + err.Error() +
			"; see that this machine has memory and processes left"
		return h
	}
	on, off := f.List()
	h.OK = true
	h.Message = "data is parsed in a child process with limits on " + strings.Join(on, ", ")
	if len(on) == 0 {
		h.Message = "data is parsed in a child process with a deadline only"
	}
	if len(off) > 0 {
		h.Message += "; this system has none on " + strings.Join(off, ", ")
	}
	return h
}
