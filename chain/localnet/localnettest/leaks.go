package localnettest

import "go.uber.org/goleak"

// KnownLeaks returns the goroutines that a stopped chain leaves behind through no
// fault of its own, for a test that looks for leaks. Each is named by its exact
// function and holds no port, file or lock.
func KnownLeaks() []goleak.Option {
	return []goleak.Option{
		// CometBFT closes the file of its write-ahead log but not the routines
		// that watch it: Group.Close calls Head.closeFile, not Head.Close.
		goleak.IgnoreTopFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
		goleak.IgnoreTopFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
		// goleveldb drains its buffers for up to a second after Close.
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
		// One of each for the process: a timer wheel made as its package is
		// linked (a dependency of the SDK), and the clock of go-metrics.
		goleak.IgnoreTopFunction("github.com/desertbit/timer.timerRoutine"),
		goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"),
	}
}
