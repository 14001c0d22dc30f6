package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/medibloc/pdx"
)

const (
	// maxPassphrase bounds what is read of a passphrase file.
	maxPassphrase = 1 << 10
	// minPassphrase is asked of new ones; scrypt does the rest.
	minPassphrase = 8
	// credential is the name under which systemd hands it over.
	credential = "pdx-passphrase"
)

func passphraseFlag(cmd *cobra.Command) {
	cmd.Flags().String("passphrase-file", "", "")
}

// passphrase takes the passphrase from where the user put it; never from arguments.
func (a *app) passphrase(cmd *cobra.Command, isNew bool) (string, error) {
	file, _ := cmd.Flags().GetString("passphrase-file")
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); file == "" && dir != "" {
		file = filepath.Join(dir, credential)
	}
	return a.readPassphrase(file, "prompt", isNew)
}

// nextPassphrase takes the passphrase that is to replace the present one.
func (a *app) nextPassphrase(cmd *cobra.Command) (string, error) {
	file, _ := cmd.Flags().GetString("new-passphrase-file")
	return a.readPassphrase(file, "next", true)
}

// readPassphrase reads a passphrase from a file, or asks for it with one of the catalogue's prompts. A new
// one must be long enough.
func (a *app) readPassphrase(file, prompt string, isNew bool) (string, error) {
	words, err := a.passphraseFrom(file, prompt, isNew)
	if err != nil {
		return "", err
	}
	if isNew && len(words) < minPassphrase {
		return "", a.fail(pdx.ErrInvalid, "passphrase.short", "n", minPassphrase)
	}
	return words, nil
}

func (a *app) passphraseFrom(file, prompt string, isNew bool) (string, error) {
	if file != "" {
		return a.passphraseFromFile(file)
	}
	terminal, ok := a.in.(*os.File)
	if !ok || !isTerminal(terminal) {
		return "", a.fail(errUsage, "passphrase.no_terminal."+prompt)
	}
	words, err := a.ask(terminal, a.t("passphrase."+prompt))
	if err != nil || !isNew || len(words) < minPassphrase { // too short: said before it is asked for twice
		return words, err
	}
	again, err := a.ask(terminal, a.t("passphrase.repeat"))
	if err == nil && again != words {
		err = a.fail(pdx.ErrInvalid, "passphrase.differ")
	}
	return words, err
}

func (a *app) ask(terminal *os.File, prompt string) (string, error) {
	fmt.Fprint(a.err, prompt+" ")
	words, err := term.ReadPassword(int(terminal.Fd()))
	fmt.Fprintln(a.err)
	return string(words), err
}

func (a *app) passphraseFromFile(name string) (string, error) {
	raw, err := a.readInput(a.t("file.passphrase"), name, maxPassphrase)
	if err != nil {
		return "", err
	}
	words, _, _ := bytes.Cut(raw, []byte("\n"))
	return string(bytes.TrimSuffix(words, []byte("\r"))), nil
}
