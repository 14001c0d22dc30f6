package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
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
	a.addVerbs(root)
	topic := a.exitCodes()
	root.AddCommand(topic)
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
			a.initCommand(), a.daemonCommand(), a.relayCommand(), a.statusCommand(), a.doctorCommand(), a.configCommand(),
			a.webCommand(), a.keysCommand(), a.backupCommand(), a.restoreCommand(),
			a.peersCommand(), a.transferCommand(), a.reachCommand(), a.pingCommand(), a.perfCommand(), a.withdrawCommand(), a.versionCommand(),
		}},
		{"market", a.t("help.group.market"), []*cobra.Command{
			a.criteriaCommand(), a.poolCommand(), a.validatorCommand(),
			a.dataCommand(), a.sellCommand(), a.salesCommand(), a.pullCommand(), a.pullsCommand(),
			a.dealCommand(), a.dealsCommand(), a.receiptCommand(), a.consentCommand(), a.consentsCommand(), a.erasureCommand(),
			a.earningsCommand(),
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
