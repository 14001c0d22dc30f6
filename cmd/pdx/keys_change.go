package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
)

func (a *app) keysPassphraseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "passphrase", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.changePassphrase(cmd) },
	}
	passphraseFlag(cmd)
	cmd.Flags().String("new-passphrase-file", "", "")
	return cmd
}

// changePassphrase changes the home's passphrase. The daemon may run: it has read the key.
func (a *app) changePassphrase(cmd *cobra.Command) error {
	if err := a.initialised(); err != nil {
		return err
	}
	old, err := a.passphrase(cmd, false)
	if err != nil {
		return err
	}
	if err := home.CheckPassphrase(a.home, old); err != nil {
		return err // before the new one is asked for
	}
	next, err := a.nextPassphrase(cmd)
	if err != nil {
		return err
	}
	if err := home.ChangePassphrase(a.home, old, next, a.workFactor); err != nil {
		return err
	}
	if a.json {
		return a.line(map[string]any{"home": a.home, "changed": true})
	}
	p := a.printer(a.out)
	p.say("keys.passphrase_changed")
	p.say("keys.passphrase_elsewhere")
	return nil
}

// The keys that can be rotated.
const (
	peerKey      = "peer"
	recipientKey = "recipient"
)

func (a *app) keysRotateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rotate KEY", Args: a.exactly(1), ValidArgs: []string{peerKey, recipientKey},
		RunE: func(cmd *cobra.Command, args []string) error { return a.rotateKey(cmd, args[0]) },
	}
	passphraseFlag(cmd)
	yesFlag(cmd)
	return cmd
}

func (a *app) rotateKey(cmd *cobra.Command, which string) error {
	rotate := map[string]func(context.Context, keys.Secrets) error{peerKey: keys.RotatePeer, recipientKey: keys.RotateRecipient}[which]
	if rotate == nil {
		return a.fail(errUsage, "keys.no_such_key", "key", which)
	}
	if err := a.daemonStopped(cmd.Context()); err != nil {
		return err
	}
	if err := a.confirm(cmd, a.t("keys.rotate."+which)); err != nil {
		return err
	}
	opened, err := a.openHome(cmd)
	if err != nil {
		return err
	}
	defer opened.Close()
	before, err := keys.Load(cmd.Context(), opened.Secrets)
	if err != nil {
		return err
	}
	if err := rotate(cmd.Context(), opened.Secrets); err != nil {
		return err
	}
	after, err := keys.Load(cmd.Context(), opened.Secrets)
	if err != nil {
		return err
	}
	if a.json {
		return a.line(map[string]any{
			"rotated": which, "account": after.Account(), "former_peer_id": before.PeerID().String(), "peer_id": after.PeerID().String(),
		})
	}
	p := a.printer(a.out)
	p.facts("account", string(after.Account()), "peer", after.PeerID().String())
	p.say("keys.rotated."+which, "former", before.PeerID().String())
	return nil
}

// daemonStopped refuses what must not be done while the daemon of the home runs.
func (a *app) daemonStopped(ctx context.Context) error {
	if err := a.initialised(); err != nil {
		return err
	}
	if _, err := a.client(ctx); err == nil {
		return a.fail(pdx.ErrWrongState, "keys.daemon_runs", "home", a.home)
	}
	return nil
}
