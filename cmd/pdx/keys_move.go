package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/node"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/move"
)

func (a *app) keysMoveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "move", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.moveAccount(cmd) },
	}
	cmd.Flags().String("recover", "", "")
	cmd.Flags().Bool("no-confirm", false, "")
	passphraseFlag(cmd)
	yesFlag(cmd)
	return cmd
}

// moveAccount moves the home to another account. The daemon must not run: it signs with the former one.
func (a *app) moveAccount(cmd *cobra.Command) error {
	mnemonic, err := a.mnemonicFile(cmd)
	if err != nil {
		return err
	}
	opened, err := a.openHome(cmd)
	if err != nil {
		return err
	}
	defer opened.Close()
	former, err := keys.Load(cmd.Context(), opened.Secrets)
	if err != nil {
		return err
	}
	cfg, err := config.Load(a.home)
	if err != nil {
		return err
	}
	chain, err := node.OpenChain(cfg, opened, former)
	if err != nil {
		return err
	}
	defer chain.Close()
	if err := a.nothingOpen(cmd.Context(), chain, opened, former.Account()); err != nil {
		return err
	}
	amount, err := move.Movable(cmd.Context(), chain, former.Account())
	if err != nil {
		return err
	}
	if err := a.confirm(cmd, a.t("keys.move", "account", former.Account(), "amount", amount.MED())); err != nil {
		return err
	}
	return a.finishMove(cmd, chain, opened, former.Account(), mnemonic)
}

// nothingOpen lists what is open, and refuses if there is anything.
func (a *app) nothingOpen(ctx context.Context, chain *client.Client, opened *home.Home, account pdx.Address) error {
	open, err := move.Open(ctx, chain, opened.DB, account)
	if err != nil || len(open) == 0 {
		return err
	}
	var texts []string
	for _, item := range open {
		texts = append(texts, a.t("keys.open."+string(item.Kind), "id", item.ID, "state", nameOf(a.texts, "state.", item.State),
			"amount", item.Amount.MED()))
	}
	return a.fail(pdx.ErrRefused, "keys.still_open", "n", len(open), "list", strings.Join(texts, "; "))
}

// finishMove prepares the other account, whose words are shown before any money goes there, and moves.
func (a *app) finishMove(cmd *cobra.Command, chain *client.Client, opened *home.Home, former pdx.Address, mnemonic string) error {
	ctx := cmd.Context()
	to, err := keys.PrepareMove(ctx, opened.Secrets, mnemonic)
	if err != nil {
		return err
	}
	if a.wantsWords(cmd) {
		words, err := keys.NextMnemonic(ctx, opened.Secrets)
		if err != nil {
			return err
		}
		if !a.confirmWords(words) {
			return a.fail(pdx.ErrRefused, "keys.move_unconfirmed", "command", a.verb("keys move"))
		}
	}
	amount, err := move.Finish(ctx, chain, opened.Secrets, former, to)
	if err != nil {
		return err
	}
	now, err := keys.Load(ctx, opened.Secrets)
	if err != nil {
		return err
	}
	if a.json {
		return a.line(map[string]any{
			"former_account": former, "account": now.Account(), "peer_id": now.PeerID().String(),
			"moved": map[string]string{"amount": strconv.FormatUint(uint64(amount), 10), "denom": pdx.Denom},
		})
	}
	p := a.printer(a.out)
	p.facts("account", string(now.Account()), "peer", now.PeerID().String())
	p.say("keys.moved", "amount", amount.MED(), "former", former, "command", a.verb("keys mnemonic --account "+string(former)))
	return nil
}
