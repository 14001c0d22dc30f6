package web_test

import (
	"testing"

	"go.uber.org/goleak"

	network "github.com/medibloc/pdx/integration/market"
)

// tests are all tests, and then the end of the browser that they shared.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer closeBrowser()
	return network.Run(t.M)
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(tests{m}, goleak.IgnoreTopFunction("github.com/desertbit/timer.timerRoutine")) // of a library that the chain links
}
