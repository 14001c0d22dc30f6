package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node"
)

// streams are where a process reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// app is what all verbs share.
type app struct {
	streams
	home  string
	json  bool
	color string        // when to show colours
	lines *bufio.Reader // answers to questions, made with the first
	texts *message.Catalog
	// workFactor is that of scrypt for files that are encrypted to a passphrase.
	workFactor int
}

func (a *app) command() *cobra.Command {
	if a.texts == nil {
		a.texts = language()
	}
	root := &cobra.Command{
		Use:               "pdx",
		SilenceUsage:      true,
		SilenceErrors:     true,
		Version:           node.Version,
		Args:              a.unknownVerb,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(a.flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.showHelp(cmd) })
	root.PersistentFlags().StringVar(&a.home, "home", defaultHome(), "")
	_ = root.MarkPersistentFlagDirname("home")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "")
	root.PersistentFlags().StringVar(&a.color, "color", colourAuto, "")
	a.addVerbs(root)
	topic := a.exitCodes()
	root.AddCommand(topic, a.manCommand())
	a.finishBuiltins(root)
	a.complete(root)
	a.describe(root)
	topic.Long = strings.TrimSpace(a.exitCodesText())
	return root
}

// addVerbs adds the verbs in their groups.
func (a *app) addVerbs(root *cobra.Command) {
	for _, group := range []struct {
		id    string
		title string
		verbs []*cobra.Command
	}{
		{"node", a.t("help.group.node"), []*cobra.Command{
			a.initCommand(), a.startCommand(), a.daemonCommand(), a.relayCommand(), a.stopCommand(), a.logsCommand(), a.serviceCommand(),
			a.statusCommand(), a.watchCommand(), a.doctorCommand(), a.configCommand(),
			a.webCommand(), a.keysCommand(), a.backupCommand(), a.restoreCommand(),
			a.peersCommand(), also(a.transferCommand(), "transfers"), a.reachCommand(),
			a.pingCommand(), a.perfCommand(), a.withdrawCommand(), a.versionCommand(),
		}},
		{"market", a.t("help.group.market"), []*cobra.Command{
			a.criteriaCommand(), also(a.poolCommand(), "pools"), also(a.validatorCommand(), "validators"),
			a.dataCommand(), a.sellCommand(), a.salesCommand(), a.pullCommand(), a.pullsCommand(), a.openCommand(),
			a.dealCommand(), a.dealsCommand(), also(a.receiptCommand(), "receipts"), a.consentCommand(), a.consentsCommand(),
			a.erasureCommand(), a.earningsCommand(),
		}},
		{"try", a.t("help.group.try"), []*cobra.Command{a.demoCommand(), a.localnetCommand(), a.sampleCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, verb := range group.verbs {
			verb.GroupID = group.id
			root.AddCommand(verb)
		}
	}
}

// prepare checks and completes the flags that all verbs share.
func (a *app) prepare(cmd *cobra.Command) (err error) {
	if !slices.Contains([]string{colourAuto, colourAlways, colourNever}, a.color) {
		return a.fail(errUsage, "usage.bad_color", "value", a.color)
	}
	setColours(a.color, a.out, a.err)
	if err := a.requiredFlags(cmd); err != nil {
		return err
	}
	a.home, err = absolute(a.home)
	return err
}

func defaultHome() string {
	if home := os.Getenv("PDX_HOME"); home != "" {
		return home
	}
	if user, err := os.UserHomeDir(); err == nil {
		return filepath.Join(user, ".pdx")
	}
	return ".pdx"
}
