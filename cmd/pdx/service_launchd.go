package main

import (
	"context"
	"encoding/xml"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/contrib"
	"github.com/medibloc/pdx/node/home"
)

// agentLabel is what launchd calls the agent in contrib.
const agentLabel = "org.medibloc.pdx"

// agentFile is where an agent of the user is.
func (s *service) agentFile() (string, error) {
	folder, err := os.UserHomeDir()
	return filepath.Join(folder, "Library", "LaunchAgents", agentLabel+".plist"), err
}

// agentDomain is where launchd runs agents of this user.
func agentDomain() string { return "gui/" + strconv.Itoa(os.Getuid()) }

// installAgent plans the installation for launchd, which has no credentials: the passphrase stays in a
// file.
func (s *service) installAgent(cmd *cobra.Command) ([]serviceStep, error) {
	if err := s.initialised(); err != nil {
		return nil, err
	}
	secret, _ := cmd.Flags().GetString("passphrase-file")
	if secret == "" {
		return nil, s.fail(errUsage, "service.no_secret")
	}
	secret, err := absolute(secret)
	if err != nil {
		return nil, err
	}
	words, err := s.passphraseFromFile(secret)
	if err != nil {
		return nil, err
	}
	if exposed := home.ExposedPaths(secret); len(exposed) > 0 {
		return nil, s.fail(pdx.ErrRefused, "service.exposed", "cure", exposed[0].Cure())
	}
	if err := home.CheckPassphrase(s.home, words); err != nil {
		return nil, err
	}
	file, err := s.agentFile()
	if err != nil {
		return nil, err
	}
	steps := []serviceStep{
		{
			s.t("service.makes", "folder", filepath.Dir(file)),
			func(context.Context) error { return os.MkdirAll(s.path(filepath.Dir(file)), 0o700) },
		},
		s.writes(file, s.agent(secret), 0o644),
	}
	if !s.start {
		return append(
			steps,
			note(s.t("service.start_later", "command", strings.Join([]string{"launchctl", "bootstrap", agentDomain(), file}, " "))),
		), nil
	}
	if s.exists(file) { // it may run, with another content
		steps = append([]serviceStep{s.bootOut()}, steps...)
	}
	return append(steps, s.command("launchctl", "bootstrap", agentDomain(), file)), nil
}

// bootOut is the step that ends the agent; that launchd does not run it is no failure.
func (s *service) bootOut() serviceStep {
	command := []string{"launchctl", "bootout", agentDomain() + "/" + agentLabel}
	return serviceStep{s.t("service.runs", "command", strings.Join(command, " ")), func(ctx context.Context) error {
		_ = s.run(ctx, "", command...)
		return nil
	}}
}

// agent is the agent in contrib for this program and this home.
func (s *service) agent(secret string) string {
	return strings.NewReplacer("@PROGRAM@", inXML(s.program), "@HOME@", inXML(s.home), "@PASSPHRASE_FILE@", inXML(secret)).
		Replace(contrib.LaunchdAgent)
}

func inXML(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a strings.Builder takes everything
	return out.String()
}

// uninstallAgent plans the removal; nothing if the agent is not installed.
func (s *service) uninstallAgent() []serviceStep {
	file, err := s.agentFile()
	if err != nil || !s.exists(file) {
		return nil
	}
	return []serviceStep{s.bootOut(), s.removes(file), note(s.t("service.stays_at_home", "folder", s.home))}
}
