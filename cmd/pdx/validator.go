package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) validatorCommand() *cobra.Command {
	return a.group("validator",
		a.validatorRegisterCommand(), a.validatorShowCommand(), a.validatorListCommand(), a.validatorUpdateCommand(),
		a.validatorAddBondCommand(), a.validatorCommissionCommand(), a.validatorConditionsCommand(),
		a.validatorUnbondCommand(), a.validatorUnjailCommand())
}

func (a *app) validatorRegisterCommand() *cobra.Command {
	req, stake := &nodepb.RegisterValidatorRequest{}, ""
	cmd := &cobra.Command{
		Use: "register", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			bond, err := pdx.ParseAmount(stake)
			if err != nil {
				return a.badAmount("--bond", stake, err)
			}
			req.Bond = api.FromAmount(bond)
			if err := a.confirm(cmd, a.t("validator.bond_question", "bond", bond.MED(), "commission", percent(req.CommissionBp))); err != nil {
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
			return a.show(res.Validator, func(p printer) { p.validator(res.Validator) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&stake, "bond", "", "")
	flags.Uint32Var(&req.CommissionBp, "commission", 0, "")
	flags.Uint32Var(&req.MaxCommissionBp, "max-commission", 2000, "")
	flags.Uint32Var(&req.MaxCommissionChangeBp, "max-change", 100, "")
	flags.StringVar(&req.Moniker, "moniker", "", "")
	_ = cmd.MarkFlagRequired("bond")
	dryRunFlag(cmd, "MsgRegisterValidator")
	yesFlag(cmd)
	return cmd
}

func (a *app) validatorShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show [ACCOUNT]", Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return a.exactly(1)(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetValidator(cmd.Context(), &nodepb.GetValidatorRequest{Address: strings.Join(args, "")})
			if err != nil {
				return err
			}
			return a.show(res.Validator, func(p printer) { p.validator(res.Validator) })
		},
	}
}

func (a *app) validatorListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListValidators(cmd.Context(), &nodepb.ListValidatorsRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) {
				list := p.rows("moniker", "bond", "commission", "status", "account")
				for _, v := range res.Validators {
					list.add(v.Moniker, med(v.Bond), percent(v.CommissionBp), p.state(v.Status), v.Address)
				}
				p.table(list, "validator.none")
			})
		},
	}
}

func (p printer) validator(v *nodepb.Validator) {
	commission := p.t("validator.commission", "now", percent(v.CommissionBp), "most", percent(v.MaxCommissionBp), "change",
		percent(v.MaxCommissionChangeBp))
	p.facts(append([]string{
		"account", v.Address, "moniker", v.Moniker, "status", p.validatorStatus(v), "bond", p.bond(v),
		"earned", p.earned(v), "duties", p.duties(v),
		"commission", commission, "peer", v.PeerId, "addresses", strings.Join(v.Addresses, ", "),
	}, p.conditions(v.Conditions)...)...)
}

// bond says how much of a bond is staked and how much is left, where that is known.
func (p printer) bond(v *nodepb.Validator) string {
	bond, err := api.ToAmount(v.Bond)
	staked, bad := api.ToAmount(v.Staked)
	if v.Staked == nil || err != nil || bad != nil {
		return med(v.Bond)
	}
	return p.t("validator.bond", "bond", bond.MED(), "staked", staked.MED(), "free", (bond - min(bond, staked)).MED())
}

// earned says what a validator ever got in rewards and commissions, where that is known.
func (p printer) earned(v *nodepb.Validator) string {
	if v.Earned == nil {
		return ""
	}
	return med(v.Earned)
}

// duties says what became of the deals for which a validator was drawn, if it was.
func (p printer) duties(v *nodepb.Validator) string {
	if v.Duties == 0 {
		return ""
	}
	return p.t("validator.duties", "answered", v.Duties-v.MissedDuties, "all", v.Duties, "missed", v.MissedDuties)
}

// validatorStatus says what follows from a status, and what can be done.
func (p printer) validatorStatus(v *nodepb.Validator) string {
	switch pdx.ValidatorStatus(v.Status) {
	case pdx.ValidatorJailed:
		return p.t("validator.jailed", "time", when(v.JailedUntil.AsTime()))
	case pdx.ValidatorUnbonding:
		return p.t("validator.unbonding", "time", when(v.UnbondingTime.AsTime()))
	case pdx.ValidatorUnbonded:
		return p.t("validator.unbonded")
	}
	if v.MissedDuties > 0 {
		return p.t("validator.missed", "status", p.state(v.Status), "n", v.MissedDuties, "of", v.Duties)
	}
	return p.state(v.Status)
}

func percent(bp uint32) string { return fmt.Sprintf("%d.%02d %%", bp/100, bp%100) }
