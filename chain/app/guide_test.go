package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheGuideQuotesThisPackage looks for each piece of Go in the guide in the
// files here, so that what a chain's builder copies is what is compiled and tested.
func TestTheGuideQuotesThisPackage(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guides/panacea.md")
	require.NoError(t, err)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(raw)
	}
	quotes := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	require.NotEmpty(t, quotes)
	for _, quote := range quotes {
		require.True(t, strings.Contains(all.String(), quote[1]), "no file of this package has\n%s", quote[1])
	}
}
