package path

import "time"

const (
	// MaxBytes bounds one direction of a measurement: two seconds at 1 Gbit/s,
	// enough for any window to open.
	MaxBytes = 256 << 20
	// MaxTime bounds one direction: a path that needs longer for MaxBytes is
	// measured by what came in that time.
	MaxTime = 10 * time.Second

	// places is how many measurements are answered at once. More would measure
	// each other.
	places = 2
	// An address may ask once in every askEvery, and askBurst times at once; what
	// comes oftener is reset.
	askEvery = 5 * time.Second
	askBurst = 4

	// headTime bounds opening a stream, the request and its answer.
	headTime = 10 * time.Second
	// step is what is written and read at once; a multiple of what Noise frames.
	step = 64 << 10
)
