package web_test

import (
	"testing"

	"go.uber.org/goleak"
)

// tests are all tests, and then the end of the browser that they shared.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer closeBrowser()
	return t.M.Run()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(tests{m}) }
