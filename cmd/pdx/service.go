package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
)

func (a *app) serviceCommand() *cobra.Command {
	return a.group("service",
		a.serviceInstallCommand(), a.serviceUninstallCommand())
}

func (a *app) serviceInstallCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "install", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.newService(cmd)
			if err != nil {
				return err
			}
			var steps []serviceStep
			if s.system == "darwin" {
				steps, err = s.installAgent(cmd)
			} else {
				steps, err = s.installUnit(cmd)
			}
			if err != nil {
				return err
			}
			return s.do(cmd.Context(), steps)
		},
	}
	passphraseFlag(cmd)
	cmd.Flags().Bool("no-start", false, "")
	cmd.Flags().Bool("dry-run", false, "")
	return cmd
}

func (a *app) serviceUninstallCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "uninstall", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.newService(cmd)
			if err != nil {
				return err
			}
			steps := s.uninstallUnit()
			if s.system == "darwin" {
				steps = s.uninstallAgent()
			}
			if len(steps) == 0 {
				return a.fail(pdx.ErrNotFound, "service.none")
			}
			if !s.dry {
				if err := a.confirm(cmd, a.t("service.confirm_removal")); err != nil {
					return err
				}
			}
			return s.do(cmd.Context(), steps)
		},
	}
	yesFlag(cmd)
	cmd.Flags().Bool("dry-run", false, "")
	return cmd
}

// service installs pdx as a service of the system, or removes it.
type service struct {
	*app
	system  string // as runtime.GOOS
	root    string // of the file system, "/" but in tests
	program string // this one
	dry     bool   // only show the steps
	start   bool
	// run runs a program of the system with what it reads.
	run func(ctx context.Context, input string, command ...string) error
	// account finds an account of this machine.
	account func(name string) (*user.User, error)
	// has reports whether the system has a program.
	has func(program string) bool
}

// serviceStep is one thing to be done.
type serviceStep struct {
	text string
	do   func(ctx context.Context) error
}

func (a *app) newService(cmd *cobra.Command) (*service, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return nil, err
	}
	dry, _ := cmd.Flags().GetBool("dry-run")
	later, _ := cmd.Flags().GetBool("no-start")
	s := &service{
		app: a, system: runtime.GOOS, root: "/", program: program, dry: dry, start: !later, run: a.runProgram, account: user.Lookup,
		has: func(program string) bool { _, err := exec.LookPath(program); return err == nil },
	}
	switch {
	case s.system == "darwin":
		return s, nil
	case s.system != "linux" || !s.has("systemctl"):
		return nil, a.fail(pdx.ErrRefused, "service.no_system")
	case !dry && os.Geteuid() != 0:
		return nil, a.fail(pdx.ErrRefused, "service.no_root", "command", "sudo "+program+" "+strings.TrimPrefix(cmd.CommandPath(), "pdx "))
	}
	return s, nil
}

func (a *app) runProgram(ctx context.Context, input string, command ...string) error {
	child := exec.CommandContext(ctx, command[0], command[1:]...)
	child.Stdin = strings.NewReader(input)
	if out, err := child.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// do shows the steps and, unless they are only to be shown, takes them one after the other. All of them
// may be taken again after one has failed.
func (s *service) do(ctx context.Context, steps []serviceStep) error {
	texts := make([]string, len(steps))
	for i, step := range steps {
		texts[i] = step.text
		if !s.json {
			s.printer(s.out).say("service.step", "n", i+1, "text", step.text)
		}
		if s.dry || step.do == nil {
			continue
		}
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	if s.json {
		return s.line(map[string]any{"dry_run": s.dry, "steps": texts})
	}
	if s.dry {
		s.printer(s.out).say("service.dry")
	}
	return nil
}

// command is the step that runs a program of the system.
func (s *service) command(command ...string) serviceStep {
	return serviceStep{
		s.t("service.runs", "command", strings.Join(command, " ")),
		func(ctx context.Context) error { return s.run(ctx, "", command...) },
	}
}

// path is where a file of the system is.
func (s *service) path(name string) string { return filepath.Join(s.root, name) }

// writes is the step that writes a file, whole or not at all.
func (s *service) writes(name, content string, mode os.FileMode) serviceStep {
	return serviceStep{s.t("service.writes", "file", name), func(context.Context) error {
		if err := durable.Replace(s.path(name), []byte(content)); err != nil { // mode 0600
			return err
		}
		return os.Chmod(s.path(name), mode)
	}}
}

// removes is the step that removes a file.
func (s *service) removes(name string) serviceStep {
	return serviceStep{s.t("service.removes", "file", name), func(context.Context) error { return os.Remove(s.path(name)) }}
}

// exists reports whether the system has a file.
func (s *service) exists(name string) bool {
	_, err := os.Stat(s.path(name))
	return err == nil
}

// note is a step that only says what is left to be done.
func note(text string) serviceStep { return serviceStep{text: text} }
