package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/medibloc/pdx/internal/text"
)

// unknownVerb is for root and for groups of verbs: they take no arguments of their own.
func (a *app) unknownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	line := cmd.CommandPath() + " " + args[0]
	if meant := text.Meant(args[0], verbNames(cmd)); meant != "" {
		return a.fail(errUsage, "usage.meant_command", "line", line, "meant", cmd.CommandPath()+" "+meant)
	}
	return a.fail(errUsage, "usage.no_command", "line", line, "command", cmd.CommandPath())
}

// verbNames are the names and aliases of the verbs below one.
func verbNames(cmd *cobra.Command) (names []string) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(append(names, sub.Name()), sub.Aliases...)
		}
	}
	return names
}

// also gives a verb other names by which people call it.
func also(cmd *cobra.Command, aliases ...string) *cobra.Command {
	cmd.Aliases = aliases
	return cmd
}

// group is a verb that only has verbs below it.
func (a *app) group(use string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Args: a.unknownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(verbs...)
	for _, verb := range verbs {
		if verb.Name() == "list" {
			also(verb, "ls")
		}
	}
	return cmd
}

// exactly wants n arguments, named as in the usage line.
func (a *app) exactly(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return a.fail(errUsage, "usage.arguments", "line", cmd.UseLine(), "n", n, "given", len(args), "command", cmd.CommandPath())
		}
		return nil
	}
}

// flagError says what is wrong with a flag.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	command := cmd.CommandPath()
	if unknown := new(pflag.NotExistError); errors.As(err, &unknown) {
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		var names []string
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
		if meant := text.Meant(unknown.GetSpecifiedName(), names); meant != "" && unknown.GetSpecifiedShortnames() == "" {
			return a.fail(errUsage, "usage.meant_flag", "flag", name, "meant", "--"+meant, "command", command)
		}
		return a.fail(errUsage, "usage.no_flag", "flag", name, "command", command)
	}
	if missing := new(pflag.ValueRequiredError); errors.As(err, &missing) {
		return a.fail(errUsage, "usage.no_value", "flag", missing.GetFlag().Name, "command", command)
	}
	if invalid := new(pflag.InvalidValueError); errors.As(err, &invalid) {
		name, _ := a.valueName(invalid.GetFlag())
		return a.fail(errUsage, "usage.bad_value", "flag", invalid.GetFlag().Name, "value", invalid.GetValue(), "kind", name, "command", command)
	}
	return a.fail(errUsage, "usage.bad_flags", "cause", err, "command", command)
}

// requiredFlags refuses a command line without a flag that its verb needs.
func (a *app) requiredFlags(cmd *cobra.Command) error {
	var missing []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if len(flag.Annotations[cobra.BashCompOneRequiredFlag]) > 0 && !flag.Changed {
			missing = append(missing, "--"+flag.Name)
		}
	})
	if len(missing) > 0 {
		return a.fail(errUsage, "usage.required", "flags", strings.Join(missing, ", "), "command", cmd.CommandPath())
	}
	return nil
}

// wantsJSON looks for --json where the flags could not be read to the end.
func wantsJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}

// finishBuiltins gives the verbs that cobra adds the manners of the others: an
// error for what there is not.
func (a *app) finishBuiltins(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Use, cmd.Run, cmd.RunE = cmd.Name()+" COMMAND", nil, a.help
		case "completion":
			cmd.Args, cmd.RunE = a.unknownVerb, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range cmd.Commands() {
				shell.Args = a.exactly(0)
			}
		}
	}
}

// help shows a verb's help, or says that there is no such verb.
func (a *app) help(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return a.fail(errUsage, "usage.no_help", "line", strings.Join(args, " "))
	}
	return found.Help()
}
