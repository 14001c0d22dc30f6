package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// describe gives a command and those below it their texts: the catalogue has them by
// command line. It also replaces what cobra would say by itself.
func (a *app) describe(cmd *cobra.Command) {
	key, args := "commands."+cmd.CommandPath(), textArguments(cmd)
	cmd.Short = a.t(key + ".short")
	cmd.Long = strings.TrimSpace(a.optional(key+".long", args...))
	if example := strings.TrimSpace(a.optional(key + ".example")); example != "" {
		cmd.Example = "  " + strings.ReplaceAll(example, "\n", "\n  ")
	}
	cmd.DisableFlagsInUseLine = true
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if own := key + ".flags." + flag.Name; a.texts.Has(own) {
			flag.Usage = a.t(own, args...)
		} else if shared := "help.flag." + flag.Name; a.texts.Has(shared) {
			flag.Usage = a.t(shared)
		}
		nameValue(flag)
	})
	for _, sub := range cmd.Commands() {
		a.describe(sub)
	}
}

// textArguments are the arguments of a command's texts: its annotations.
func textArguments(cmd *cobra.Command) (args []any) {
	for _, name := range slices.Sorted(maps.Keys(cmd.Annotations)) {
		args = append(args, name, cmd.Annotations[name])
	}
	return args
}

func (a *app) optional(key string, args ...any) string {
	if !a.texts.Has(key) {
		return ""
	}
	return a.t(key, args...)
}

// showHelp prints the help of a command.
func (a *app) showHelp(cmd *cobra.Command) {
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%s\n\n%s\n  %s", cmp.Or(cmd.Long, cmd.Short), a.t("help.usage"), cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprint(w, " "+a.t("help.command_hint"))
	} else if cmd.Runnable() {
		fmt.Fprint(w, " "+a.t("help.flags_hint"))
	}
	fmt.Fprintln(w)
	if cmd.HasExample() {
		fmt.Fprintf(w, "\n%s\n%s\n", a.t("help.examples"), cmd.Example)
	}
	if len(cmd.Aliases) > 0 {
		fmt.Fprintf(w, "\n%s\n", a.t("help.aliases", "aliases", strings.Join(cmd.Aliases, ", ")))
	}
	a.listCommands(w, cmd)
	a.listFlags(w, a.t("help.flags"), cmd.LocalFlags())
	a.listFlags(w, a.t("help.global_flags"), cmd.InheritedFlags())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n%s\n", a.t("help.more", "command", cmd.CommandPath()))
	}
}

// listCommands prints the commands below one, group by group, and help topics.
func (a *app) listCommands(w io.Writer, cmd *cobra.Command) {
	list := func(title string, wanted func(*cobra.Command) bool) {
		var lines [][2]string
		for _, sub := range cmd.Commands() {
			if wanted(sub) {
				lines = append(lines, [2]string{sub.Name(), sub.Short})
			}
		}
		printAligned(w, title, lines)
	}
	for _, group := range cmd.Groups() {
		list(group.Title, func(sub *cobra.Command) bool { return sub.GroupID == group.ID })
	}
	list(a.t("help.commands"), func(sub *cobra.Command) bool { return sub.GroupID == "" && sub.IsAvailableCommand() })
	list(a.t("help.topics"), (*cobra.Command).IsAdditionalHelpTopicCommand)
}

func (a *app) listFlags(w io.Writer, title string, flags *pflag.FlagSet) {
	var lines [][2]string
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		name, usage := a.valueName(flag)
		left := "    --" + flag.Name
		if flag.Shorthand != "" {
			left = "-" + flag.Shorthand + ", --" + flag.Name
		}
		if value := a.defaultOf(flag); value != "" {
			usage += " " + a.t("help.default", "value", value)
		}
		lines = append(lines, [2]string{strings.TrimSpace(left + " " + name), usage})
	})
	for i := range lines { // names without a shorthand stand below those with one
		if strings.HasPrefix(lines[i][0], "--") {
			lines[i][0] = "    " + lines[i][0]
		}
	}
	printAligned(w, title, lines)
}

// defaultOf returns a flag's default, or nothing where it is the zero value.
func (a *app) defaultOf(flag *pflag.Flag) string {
	if d, err := time.ParseDuration(flag.DefValue); err == nil && flag.Value.Type() == "duration" && d != 0 {
		return a.printer(nil).duration(d)
	}
	if slices.Contains([]string{"0", "0s", "[]", "false"}, flag.DefValue) {
		return ""
	}
	return flag.DefValue
}

// valueNote is the annotation of a flag that has what its value is called.
const valueNote = "pdx_value"

// nameValue takes what a flag's value is called out of the backquotes in its text, which
// shells would show.
func nameValue(flag *pflag.Flag) {
	before, rest, marked := strings.Cut(flag.Usage, "`")
	if name, after, closed := strings.Cut(rest, "`"); marked && closed {
		flag.Usage = before + name + after
		if flag.Annotations == nil {
			flag.Annotations = map[string][]string{}
		}
		flag.Annotations[valueNote] = []string{name}
	}
}

// valueName returns what a flag's value is called, and the flag's text.
func (a *app) valueName(flag *pflag.Flag) (name, usage string) {
	if name := flag.Annotations[valueNote]; len(name) > 0 {
		return name[0], flag.Usage
	}
	switch flag.Value.Type() {
	case "bool":
		return "", flag.Usage
	case "duration":
		return a.t("help.value.duration"), flag.Usage
	case "stringSlice", "stringArray":
		return a.t("help.value.list"), flag.Usage
	case "string":
		return a.t("help.value.string"), flag.Usage
	}
	return a.t("help.value.number"), flag.Usage
}

func printAligned(w io.Writer, title string, lines [][2]string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	printLabelled(w, "  ", lines)
}
