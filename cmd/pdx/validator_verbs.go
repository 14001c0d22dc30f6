package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) validatorUpdateCommand() *cobra.Command {
	req := &nodepb.UpdateValidatorRequest{}
	cmd := &cobra.Command{
		Use: "update", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.rehearse(cmd, a.t("validator.update_would")); err != nil {
				return err
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.UpdateValidator(ctx, req)
				return res.GetValidator(), err
			})
		},
	}
	cmd.Flags().StringVar(&req.Moniker, "moniker", "", "")
	dryRunFlag(cmd, "MsgUpdateValidator")
	return cmd
}

func (a *app) validatorAddBondCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "add-bond AMOUNT", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := pdx.ParseAmount(args[0])
			if err != nil {
				return a.badAmount("AMOUNT", args[0], err)
			}
			if err := a.confirm(cmd, a.t("validator.add_question", "amount", amount.MED())); err != nil {
				return err
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.AddBond(ctx, &nodepb.AddBondRequest{Amount: api.FromAmount(amount)})
				return res.GetValidator(), err
			})
		},
	}
	dryRunFlag(cmd, "MsgAddBond")
	yesFlag(cmd)
	return cmd
}

func (a *app) validatorCommissionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "commission BASIS-POINTS", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bp, err := strconv.ParseUint(args[0], 10, 32)
			if err != nil {
				return a.fail(errUsage, "validator.bad_commission", "commission", args[0])
			}
			if err := a.rehearse(cmd, a.t("validator.commission_would", "commission", percent(uint32(bp)))); err != nil {
				return err
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.SetCommission(ctx, &nodepb.SetCommissionRequest{CommissionBp: uint32(bp)})
				return res.GetValidator(), err
			})
		},
	}
	dryRunFlag(cmd, "MsgSetCommission")
	return cmd
}

func (a *app) validatorUnbondCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "unbond", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.confirm(cmd, a.t("validator.unbond_question")); err != nil {
				return err
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.Unbond(ctx, &nodepb.UnbondRequest{})
				return res.GetValidator(), err
			})
		},
	}
	dryRunFlag(cmd, "MsgUnbond")
	yesFlag(cmd)
	return cmd
}

func (a *app) validatorUnjailCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "unjail", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.rehearse(cmd, a.t("validator.unjail_would")); err != nil {
				return err
			}
			return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
				res, err := c.Unjail(ctx, &nodepb.UnjailRequest{})
				return res.GetValidator(), err
			})
		},
	}
	dryRunFlag(cmd, "MsgUnjail")
	return cmd
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
	return a.show(v, func(p printer) { p.validator(v) })
}
