package adopt

import (
	"time"

	"github.com/medibloc/pdx/internal/backoff"
)

// page is how many deals are asked for at a time: some 200 KiB.
const page = 100

// pause is the one after a failed comparison. A deal's shortest deadline on Panacea
// is hours long.
var pause = backoff.Doubling{First: 2 * time.Second, Most: time.Minute}
