package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// validatorConditionsCommand changes the conditions that a flag names, and keeps the others.
func (a *app) validatorConditionsCommand() *cobra.Command {
	wanted, income := &nodepb.Conditions{}, ""
	cmd := &cobra.Command{Use: "conditions", Args: a.exactly(0)}
	flags := cmd.Flags()
	flags.StringVar(&income, "min-income", "", "")
	flags.Uint64Var(&wanted.MaxDatasetBytes, "max-dataset", 0, "")
	flags.Uint64Var(&wanted.MaxTermsBytes, "max-terms", 0, "")
	flags.StringSliceVar(&wanted.Buyers, "buyers", nil, "")
	flags.StringSliceVar(&wanted.MediaTypes, "media-types", nil, "")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if income != "" {
			amount, err := pdx.ParseAmount(income)
			if err != nil {
				return a.badAmount("--min-income", income, err)
			}
			wanted.MinIncome = api.FromAmount(amount)
		}
		if err := a.rehearse(cmd, a.t("validator.conditions_would")); err != nil {
			return err
		}
		return a.changeValidator(cmd.Context(), func(ctx context.Context, c api.Client) (*nodepb.Validator, error) {
			now, err := c.GetValidator(ctx, &nodepb.GetValidatorRequest{})
			if err != nil || !anyChanged(cmd, "min-income", "max-dataset", "max-terms", "buyers", "media-types") {
				return now.GetValidator(), err
			}
			res, err := c.SetConditions(ctx, &nodepb.SetConditionsRequest{Conditions: mergeConditions(cmd, now.Validator.GetConditions(), wanted)})
			return res.GetValidator(), err
		})
	}
	dryRunFlag(cmd, "MsgSetConditions")
	return cmd
}

func anyChanged(cmd *cobra.Command, names ...string) bool {
	return slices.ContainsFunc(names, cmd.Flags().Changed)
}

// mergeConditions takes what flags name from wanted and the rest from now.
func mergeConditions(cmd *cobra.Command, now, wanted *nodepb.Conditions) *nodepb.Conditions {
	changed := cmd.Flags().Changed
	if !changed("min-income") {
		wanted.MinIncome = now.GetMinIncome()
	}
	if !changed("max-dataset") {
		wanted.MaxDatasetBytes = now.GetMaxDatasetBytes()
	}
	if !changed("max-terms") {
		wanted.MaxTermsBytes = now.GetMaxTermsBytes()
	}
	if !changed("buyers") {
		wanted.Buyers = now.GetBuyers()
	}
	if !changed("media-types") {
		wanted.MediaTypes = now.GetMediaTypes()
	}
	return wanted
}

// conditions are facts of a validator's conditions; none where they were not read.
func (p printer) conditions(c *nodepb.Conditions) []string {
	if c == nil {
		return nil
	}
	buyers, media := p.t("validator.all_buyers"), p.t("validator.all_media_types")
	if len(c.Buyers) > 0 {
		buyers = strings.Join(c.Buyers, ", ")
	}
	if len(c.MediaTypes) > 0 {
		media = strings.Join(c.MediaTypes, ", ")
	}
	return []string{
		"takes", p.t("validator.takes", "income", med(c.MinIncome), "dataset", bytesText(c.MaxDatasetBytes), "terms", bytesText(c.MaxTermsBytes)),
		"buyers", buyers, "media_types", media,
	}
}
