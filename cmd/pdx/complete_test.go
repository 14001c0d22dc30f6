package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// completed are the words that a shell offers for the last one of a command line, and
// whether it offers files.
func completed(t *testing.T, args ...string) (offered []string, files bool) {
	t.Helper()
	t.Setenv("PDX_HOME", t.TempDir())
	var out, errs bytes.Buffer
	a := &app{streams: streams{in: strings.NewReader(""), out: &out, err: &errs}}
	require.Zero(t, a.run(t.Context(), append([]string{"__complete"}, args...)), errs.String())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	last := lines[len(lines)-1]
	return lines[:len(lines)-1], last == ":0"
}

func TestFlagsWithFewValuesAreCompleted(t *testing.T) {
	root := (&app{}).command()
	for key, list := range flagWords() {
		words := strings.Split(key, "/")
		verb, flag := words[:len(words)-1], words[len(words)-1]
		cmd, _, err := root.Find(verb)
		require.NoError(t, err)
		require.NotNil(t, cmd.Flag(flag), key)
		offered, files := completed(t, append(verb, "--"+flag, "")...)
		require.Equal(t, list, offered, key)
		require.False(t, files, key)
	}
}

// TestFilesAreOfferedForFilesOnly completes the first argument of each verb, without a daemon.
func TestFilesAreOfferedForFilesOnly(t *testing.T) {
	for _, c := range []struct {
		typed string
		files bool
	}{
		{"data add", true},
		{"pool create", true},
		{"backup", true},
		{"restore", true},
		{"criteria check", true},
		{"criteria test", true},
		{"criteria import", true},
		{"criteria new", false},
		{"pool show", false},
		{"deal show", false},
		{"data rm", false},
		{"sell", false},
		{"status", false},
	} {
		offered, files := completed(t, append(strings.Fields(c.typed), "")...)
		require.Equal(t, c.files, files, c.typed)
		if !c.files { // else flags that are required are offered
			require.Empty(t, offered, c.typed)
		}
		require.NotContains(t, strings.Join(offered, ""), "`", "the mark of a value's name")
	}
	for place := range flagArguments {
		words := strings.Split(place, "/")
		cmd, rest, err := (&app{}).command().Find(words[:len(words)-1])
		require.NoError(t, err, place)
		require.Empty(t, rest, place)
		require.NotNil(t, cmd.Flag(words[len(words)-1]), place)
	}
	for path := range argumentWords {
		_, rest, err := (&app{}).command().Find(strings.Split(path, "/"))
		require.NoError(t, err, path)
		require.Empty(t, rest, path)
	}
}
