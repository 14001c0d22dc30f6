package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// unknownVerb is for root and for groups of verbs: they take no arguments of their own.
func unknownVerb(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("there is no '%s %s'; see '%s --help'", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// group is a verb that only has verbs below it.
func group(use, short, example string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: unknownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// exactly wants n arguments, named as in the usage line.
func exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("'%s' wants %d argument(s), got %d; see '%s --help'", cmd.UseLine(), n, len(args), cmd.CommandPath())
		}
		return nil
	}
}

// wantsJSON looks for --json where the flags could not be read to the end.
func wantsJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}

// finishBuiltins gives the verbs that cobra adds the manners of the others: an
// example, and an error for what there is not.
func finishBuiltins(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  pdx help pool create\n  pdx help exit-codes"
			cmd.Run, cmd.RunE = nil, help
		case "completion":
			cmd.Example = "  pdx completion bash > /etc/bash_completion.d/pdx"
			cmd.Args, cmd.RunE = unknownVerb, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Example = "  pdx completion " + shell.Name()
				shell.Args = exactly(0)
			}
		}
	}
}

// help shows a verb's help, or says that there is no such verb.
func help(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return usagef("there is no help on 'pdx %s'; see 'pdx --help'", strings.Join(args, " "))
	}
	found.InitDefaultHelpFlag()
	return found.Help()
}
