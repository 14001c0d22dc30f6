package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// testWorkFactor is for homes of tests: scrypt in milliseconds.
const testWorkFactor = 10

// TestMain lets scripts run this test binary as pdx.
func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"pdx": func() { os.Exit(process(testWorkFactor)) }})
}

// runIn runs a command line in this process.
func runIn(t *testing.T, home string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{streams: streams{in: strings.NewReader(""), out: &stdout, err: &stderr}, workFactor: testWorkFactor}
	code = a.run(t.Context(), append(args, "--home", home))
	return code, stdout.String(), stderr.String()
}

// verbs are all commands, those of cobra too.
func verbs(cmd *cobra.Command) (all []*cobra.Command) {
	for _, sub := range cmd.Commands() {
		all = append(append(all, sub), verbs(sub)...)
	}
	return all
}

func TestEveryVerbHasAnExample(t *testing.T) {
	for _, cmd := range verbs((&app{}).command()) {
		if cmd.IsAdditionalHelpTopicCommand() {
			continue
		}
		require.Contains(t, cmd.Example, cmd.CommandPath(), "an example of %s", cmd.CommandPath())
		require.NotEmpty(t, cmd.Short, cmd.CommandPath())
		for line := range strings.Lines(cmd.Example) {
			require.True(t, strings.HasPrefix(line, "  "), "%s: examples are indented: %q", cmd.CommandPath(), line)
		}
		code, out, errs := runIn(t, t.TempDir(), append(strings.Fields(cmd.CommandPath())[1:], "--help")...)
		if cmd.DisableFlagParsing {
			continue // another program answers
		}
		require.Zero(t, code, errs)
		require.Contains(t, out, "Examples:", cmd.CommandPath())
	}
}

// TestExamplesAreValid parses each example's flags against its verb.
func TestExamplesAreValid(t *testing.T) {
	for _, cmd := range verbs((&app{}).command()) {
		for line := range strings.Lines(cmd.Example) {
			for _, text := range strings.Split(line, "&&") {
				checkExample(t, strings.TrimSpace(text))
			}
		}
	}
}

func checkExample(t *testing.T, text string) {
	t.Helper()
	text, _, _ = strings.Cut(text, " | ")
	text, _, _ = strings.Cut(text, " > ")
	text, ok := strings.CutPrefix(text, "pdx ")
	if !ok {
		return // a line that uses pdx within another command
	}
	cmd, rest, err := (&app{}).command().Find(fields(text))
	require.NoError(t, err, text)
	if cmd.DisableFlagParsing {
		return
	}
	require.NoError(t, cmd.ParseFlags(rest), text)
	require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()), text)
	require.NoError(t, cmd.ValidateRequiredFlags(), text)
}

// fields splits a command line, single quotes hold together.
func fields(line string) (words []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

// TestErrorsAreJSON runs failures that come before and after the flags are read.
func TestErrorsAreJSON(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		kind string
	}{
		{[]string{"dance"}, 2, "usage"},
		{[]string{"status", "--frob"}, 2, "usage"},
		{[]string{"pool", "create", "x"}, 2, "usage"},
		{[]string{"pool", "show", "0"}, 3, "invalid"},
		{[]string{"sample", "--kind", "Horse"}, 3, "invalid"},
		{[]string{"status"}, 4, "not_found"},
		{[]string{"sample", "--out", os.Args[0]}, 6, "wrong_state"},
	} {
		code, out, errs := runIn(t, t.TempDir(), append(c.args, "--json")...)
		require.Equal(t, c.code, code, errs)
		require.Empty(t, out)
		var report struct {
			Error, Kind string
			ExitCode    int `json:"exit_code"`
		}
		require.NoError(t, json.Unmarshal([]byte(errs), &report), errs)
		require.Equal(t, c.kind, report.Kind)
		require.Equal(t, c.code, report.ExitCode)
		require.NotEmpty(t, report.Error)
	}
}

func TestVerbsAreForThisHome(t *testing.T) {
	t.Setenv("PDX_HOME", "/srv/pdx")
	require.Equal(t, "pdx daemon", (&app{home: "/srv/pdx"}).verb("daemon"))
	require.Equal(t, "pdx --home /srv/b daemon", (&app{home: "/srv/b"}).verb("daemon"))
	require.Equal(t, `pdx --home '/srv/it'\''s here' daemon`, (&app{home: "/srv/it's here"}).verb("daemon"))
}

func TestHalfAFileIsNotLeft(t *testing.T) {
	name := filepath.Join(t.TempDir(), "patients.ndjson")
	code, _, errs := runIn(t, t.TempDir(), "sample", "--kind", "Horse", "--out", name)
	require.Equal(t, 3, code, errs)
	require.NoFileExists(t, name)
}
