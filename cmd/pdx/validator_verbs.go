package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) validatorUpdateCommand() *cobra.Command {
	req := &nodepb.UpdateValidatorRequest{}
	cmd := &cobra.Command{
		Use: "update", Short: "Put this node's present addresses, and a name, on chain", Args: exactly(0),
		Long: `Put this node's present peer id and addresses on chain, and a new name if one is
given. A running daemon does so by itself when its addresses have changed.`,
		Example: "  pdx validator update\n  pdx validator update --moniker 'Clinic of Seoul'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.UpdateValidator(ctx, req)
				return res.GetValidator(), err
			})
		},
	}
	cmd.Flags().StringVar(&req.Moniker, "moniker", "", "a name for people (default: the present one)")
	return cmd
}

func (a *app) validatorAddBondCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "add-bond AMOUNT", Short: "Put more at stake", Args: exactly(1),
		Example: "  pdx validator add-bond 100MED",
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := pdx.ParseAmount(args[0])
			if err != nil {
				return err
			}
			if err := a.confirm(cmd, fmt.Sprintf("Add %s to the bond? The bond can be slashed.", amount.MED())); err != nil {
				return err
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.AddBond(ctx, &nodepb.AddBondRequest{Amount: api.FromAmount(amount)})
				return res.GetValidator(), err
			})
		},
	}
	yesFlag(cmd)
	return cmd
}

func (a *app) validatorCommissionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "commission BASIS-POINTS", Short: "Change your share of the price of deals to come", Args: exactly(1),
		Long: `Change your share of the price, in basis points (100 is 1 %), of deals that are
offered from now on. Once a day, by no more than --max-change and to no more
than --max-commission said when you registered.`,
		Example: "  pdx validator commission 150",
		RunE: func(cmd *cobra.Command, args []string) error {
			bp, err := strconv.ParseUint(args[0], 10, 32)
			if err != nil {
				return usagef("%q is not a number of basis points (100 is 1 %%)", args[0])
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.SetCommission(ctx, &nodepb.SetCommissionRequest{CommissionBp: uint32(bp)})
				return res.GetValidator(), err
			})
		},
	}
}

func (a *app) validatorUnbondCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "unbond", Short: "Stop being a validator and get the bond back", Args: exactly(0),
		Long: `Stop being a validator. The bond stays in until the unbonding time is over and
every dataset that you accepted has ended, for you vouch for those with it; a
running daemon then withdraws it, or pdx withdraw does. Deals for which you were
named wait for other validators.`,
		Example: "  pdx validator unbond",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.confirm(cmd, "Stop being a validator? Coming back takes a new registration, after the bond was paid out."); err != nil {
				return err
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.Unbond(ctx, &nodepb.UnbondRequest{})
				return res.GetValidator(), err
			})
		},
	}
	yesFlag(cmd)
	return cmd
}

func (a *app) validatorUnjailCommand() *cobra.Command {
	return &cobra.Command{
		Use: "unjail", Short: "Certify again after the jail time", Args: exactly(0),
		Long: `Certify again after the jail time. A validator is jailed, and a part of its bond
slashed, when a dataset that it accepted turns out not to open; or it is jailed
alone, when it let deals lapse for which it was drawn. pdx validator show says
until when. If less than the least bond is left, raise it first with
pdx validator add-bond.`,
		Example: "  pdx validator unjail",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.Unjail(ctx, &nodepb.UnjailRequest{})
				return res.GetValidator(), err
			})
		},
	}
}

// changeValidator does something to this account's validator and shows it then.
func (a *app) changeValidator(ctx context.Context, how func(context.Context, api.Client) (*nodepb.Validator, error)) error {
	client, err := a.client(ctx)
	if err != nil {
		return err
	}
	v, err := how(ctx, client)
	if err != nil {
		return err
	}
	return a.show(v, func(w io.Writer) { printValidator(w, v) })
}
