package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) validatorCommand() *cobra.Command {
	return group("validator", "Be a validator, or find validators",
		"  pdx validator register --bond 1000MED --commission 100 --moniker Clinic\n  pdx validator list",
		a.validatorRegisterCommand(), a.validatorShowCommand(), a.validatorListCommand(), a.validatorUpdateCommand(),
		a.validatorAddBondCommand(), a.validatorCommissionCommand(), a.validatorUnbondCommand(), a.validatorUnjailCommand())
}

func (a *app) validatorRegisterCommand() *cobra.Command {
	req, stake := &nodepb.RegisterValidatorRequest{}, ""
	cmd := &cobra.Command{
		Use: "register", Short: "Bond this account as a validator, found at this node", Args: exactly(0),
		Example: "  pdx validator register --bond 1000MED --commission 100 --max-commission 1000 --moniker Clinic",
		RunE: func(cmd *cobra.Command, _ []string) error {
			bond, err := pdx.ParseAmount(stake)
			if err != nil {
				return fmt.Errorf("--bond: %w", err)
			}
			req.Bond = api.FromAmount(bond)
			if err := a.confirm(cmd, fmt.Sprintf("Bond %s at a commission of %s? The bond can be slashed.", bond.MED(), percent(req.CommissionBp))); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.RegisterValidator(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res.Validator, func(w io.Writer) { printValidator(w, res.Validator) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&stake, "bond", "", "what you put at stake, like 1000MED")
	flags.Uint32Var(&req.CommissionBp, "commission", 0, "your share of a price, in basis points (100 is 1 %)")
	flags.Uint32Var(&req.MaxCommissionBp, "max-commission", 2000, "the most you will ever ask, in basis points")
	flags.Uint32Var(&req.MaxCommissionChangeBp, "max-change", 100, "the most you will change it in a day, in basis points")
	flags.StringVar(&req.Moniker, "moniker", "", "a name for people")
	_ = cmd.MarkFlagRequired("bond")
	yesFlag(cmd)
	return cmd
}

func (a *app) validatorShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show [ACCOUNT]", Short: "Show a validator; this node's own if none is named",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exactly(1)(cmd, args)
			}
			return nil
		},
		Example: "  pdx validator show panacea1…",
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetValidator(cmd.Context(), &nodepb.GetValidatorRequest{Address: strings.Join(args, "")})
			if err != nil {
				return err
			}
			return a.show(res.Validator, func(w io.Writer) { printValidator(w, res.Validator) })
		},
	}
}

func (a *app) validatorListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List registered validators", Args: exactly(0),
		Example: "  pdx validator list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListValidators(cmd.Context(), &nodepb.ListValidatorsRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) {
				list := newRows("ACCOUNT", "MONIKER", "BOND", "COMMISSION", "STATUS")
				for _, v := range res.Validators {
					list.add(v.Address, v.Moniker, med(v.Bond), percent(v.CommissionBp), v.Status)
				}
				list.print(w, "No validator is registered.")
			})
		},
	}
}

func printValidator(w io.Writer, v *nodepb.Validator) {
	facts(w, "account", v.Address, "moniker", v.Moniker, "status", statusText(v), "bond", med(v.Bond),
		"commission", percent(v.CommissionBp)+", never above "+percent(v.MaxCommissionBp)+", by at most "+percent(v.MaxCommissionChangeBp)+" a day",
		"peer", v.PeerId, "addresses", strings.Join(v.Addresses, ", "))
}

// statusText says what follows from a status, and what can be done.
func statusText(v *nodepb.Validator) string {
	switch pdx.ValidatorStatus(v.Status) {
	case pdx.ValidatorJailed:
		return "jailed until " + ago(v.JailedUntil.AsTime()) + ": it certifies nothing; then `pdx validator unjail`"
	case pdx.ValidatorUnbonding:
		return "unbonding: the bond is free after " + ago(v.UnbondingTime.AsTime()) + " and the last deal that it accepted"
	case pdx.ValidatorUnbonded:
		return "unbonded: it has left"
	}
	if v.MissedDuties > 0 {
		return fmt.Sprintf("%s; it let %d deals lapse in a row for which it was drawn", v.Status, v.MissedDuties)
	}
	return v.Status
}

func percent(bp uint32) string { return fmt.Sprintf("%d.%02d %%", bp/100, bp%100) }
