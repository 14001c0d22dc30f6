package main

import (
	"os"
	"time"
)

// readable returns at once: reading waits here.
func readable(*os.File, time.Duration) bool { return true }
