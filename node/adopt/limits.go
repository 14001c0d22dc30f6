package adopt

import "time"

const (
	// page is how many deals are asked for at a time: some 200 KiB.
	page = 100

	// The pause after a failed comparison doubles from firstPause to lastPause. A
	// deal's shortest deadline on Panacea is hours long.
	firstPause = 2 * time.Second
	lastPause  = time.Minute
)
