package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/message/messagetest"
)

// plain are words without accents: in the pseudo-language, what the catalogue has not.
var plain = regexp.MustCompile(`[A-Za-z]{2,}`)

// TestHelpIsInTheCatalogue reads all help pages in the pseudo-language. What has no
// accents there is the syntax of a command line, or a default.
func TestHelpIsInTheCatalogue(t *testing.T) {
	root := (&app{texts: messagetest.Pseudo(t)}).command()
	for _, cmd := range append(verbs(root), root) {
		if cmd.DisableFlagParsing {
			continue // another program answers
		}
		syntax := strings.Fields(cmd.UseLine())
		for _, argument := range cmd.Annotations {
			syntax = append(syntax, argument)
		}
		for up := cmd; up != nil; up = up.Parent() {
			for _, sub := range up.Commands() {
				syntax = append(append(syntax, sub.Name()), sub.Aliases...)
			}
			flagWords := func(flag *pflag.Flag) { syntax = append(syntax, flag.Name, flag.DefValue) }
			up.Flags().VisitAll(flagWords)
			up.PersistentFlags().VisitAll(flagWords)
		}
		syntax = append(syntax, "exit", "usage", "invalid", "not_found", "no_funds", "wrong_state", "unavailable", "refused", "corrupt")
		var page strings.Builder
		root.SetOut(&page)
		require.NoError(t, cmd.Help())
		words := plain.FindAllString(strings.Join(syntax, " "), -1)
		for _, word := range plain.FindAllString(page.String(), -1) {
			require.True(t, slices.Contains(words, word), "%s: %q does not come from the catalogue:\n%s", cmd.CommandPath(), word, page.String())
		}
	}
}

// TestEveryFlagIsExplained wants a text for each flag of each verb.
func TestEveryFlagIsExplained(t *testing.T) {
	root := (&app{}).command()
	for _, cmd := range append(verbs(root), root) {
		cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			require.NotEmpty(t, flag.Usage, "%s --%s", cmd.CommandPath(), flag.Name)
			require.NotContains(t, flag.Usage, "commands.", "%s --%s", cmd.CommandPath(), flag.Name)
		})
		require.NotContains(t, cmd.Short, "commands.", cmd.CommandPath())
	}
}

// TestHelpTextsHaveAVerb finds texts of commands and flags that are no more.
func TestHelpTextsHaveAVerb(t *testing.T) {
	a := &app{}
	byPath := map[string]*cobra.Command{}
	root := a.command()
	for _, cmd := range append(verbs(root), root) {
		byPath[cmd.CommandPath()] = cmd
	}
	for key := range a.texts.Forms("commands.") {
		path, part, _ := strings.Cut(strings.TrimPrefix(key, "commands."), ".")
		require.Contains(t, byPath, path, key)
		if name, ok := strings.CutPrefix(part, "flags."); ok {
			require.NotNil(t, byPath[path].Flag(name), key)
			continue
		}
		require.Contains(t, []string{"short", "long", "example"}, part, key)
	}
}
