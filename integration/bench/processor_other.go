//go:build !unix

package bench

import "time"

var began = time.Now()

// Processor returns the time since the process began: this system tells no better.
func Processor() time.Duration { return time.Since(began) }
