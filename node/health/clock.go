package health

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx/node/api"
)

// wrongClock is how far this machine's clock may be from the chain's: more than a block and
// the way to it take. Deadlines and proofs allow for no more either.
const wrongClock = 30 * time.Second

// Clock judges this machine's clock by that of the chain, whose blocks appear as fast as
// their times pass. known is false while that cannot be told.
func Clock(ahead time.Duration, known bool) []api.Health {
	const cure = ": set it, for example with 'timedatectl set-ntp true'"
	switch {
	case !known || ahead.Abs() < wrongClock:
		return nil
	case ahead < 0:
		return []api.Health{{Part: "clock", Message: fmt.Sprintf(
			"this machine's clock is %v behind the chain's, so that no key is delivered%s", -ahead.Round(time.Second), cure)}}
	}
	return []api.Health{{Part: "clock", Message: fmt.Sprintf(
		"this machine's clock is %v ahead of the chain's, or all endpoints of the chain are as late; no key is delivered%s",
		ahead.Round(time.Second), cure)}}
}
