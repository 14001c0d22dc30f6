package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) sellCommand() *cobra.Command {
	req, follow, agree := &nodepb.SellRequest{}, false, false
	cmd := &cobra.Command{
		Use: "sell POOL DATA", Short: "Sell registered data into a pool", Args: exactly(2),
		Long: `Sell registered data into a pool. What would be disclosed, to whom and for how
much is shown first. Only the disclosed fields are sealed; the chain takes a
deposit that comes back unless you break the deal. The sale goes on in the
daemon: validators are asked, the ciphertext is served, the key is delivered
when the buyer has it, and the price is credited; the daemon withdraws what
has gathered, from 1 MED on.`,
		Example: "  pdx sell 7 patients\n  pdx sell 7 patients --fields /birthDate,/gender --agree --yes --follow",
		RunE: func(cmd *cobra.Command, args []string) error {
			pool, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			req.PoolId, req.DataId = uint64(pool), args[1]
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			if err := a.consent(cmd, client, req, agree); err != nil {
				return err
			}
			return a.sell(cmd.Context(), client, req, follow)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&req.Fields, "fields", nil, "fields to disclose, JSON pointers (default: what the criteria ask for)")
	flags.StringSliceVar(&req.Validators, "validators", nil, "validators that you accept (default: all of the pool's)")
	flags.BoolVar(&agree, "agree", false, "agree to all terms of the pool, the optional ones too")
	flags.BoolVar(&req.Unchecked, "unchecked", false, "offer without checking the records against the criteria here first")
	flags.BoolVar(&req.Unlisted, "unlisted", false, "announce nothing: only the validators and the buyer learn of you")
	flags.BoolVar(&follow, "follow", false, "stay and show how the sale goes until it ends")
	yesFlag(cmd)
	return cmd
}

// consent shows what a sale would mean and asks.
func (a *app) consent(cmd *cobra.Command, client api.Client, req *nodepb.SellRequest, agree bool) error {
	reading := a.newGauge()
	p, err := api.PreviewSale(cmd.Context(), client, &nodepb.PreviewSaleRequest{PoolId: req.PoolId, DataId: req.DataId, Fields: req.Fields}, reading.set)
	reading.hide()
	if err != nil {
		return err
	}
	req.Fields = p.Fields
	if !a.json {
		printPreview(a.err, p)
	}
	if len(p.Findings) > 0 && !req.Unchecked {
		return fmt.Errorf("%w: the records break the pool's criteria (%s); mend them, or offer them all the same with --unchecked", pdx.ErrInvalid, findingText(p.Findings[0]))
	}
	if err := a.agreeTerms(cmd, req, p.Pool, agree); err != nil {
		return err
	}
	return a.confirm(cmd, fmt.Sprintf("Disclose these fields of %d records to the validators and the buyer for %s, with a deposit of %s?", p.Records, med(p.Price), med(p.Deposit)))
}

// agreeTerms asks for each term of the pool; --yes agrees to none of them.
func (a *app) agreeTerms(cmd *cobra.Command, req *nodepb.SellRequest, pool *nodepb.Pool, agree bool) error {
	yes, _ := cmd.Flags().GetBool("yes")
	for _, t := range pool.Terms {
		err := error(nil)
		switch {
		case agree:
		case yes || !isTerminal(a.in):
			err = usagef("the pool wants agreement to %q: %s: say --agree if you do", t.Title, t.Description)
		default:
			err = a.confirm(cmd, fmt.Sprintf("Do you agree to %q: %s?", t.Title, t.Description))
		}
		switch {
		case err == nil:
			req.Agreed = append(req.Agreed, t.Id)
		case t.Required:
			return err
		}
	}
	return nil
}

func printPreview(w io.Writer, p *nodepb.PreviewSaleResponse) {
	facts(w,
		"pool", fmt.Sprintf("%d: %s", p.Pool.Id, p.Pool.Title),
		"buyer", p.Pool.Buyer,
		"price", med(p.Price),
		"deposit", med(p.Deposit),
		"records", fmt.Sprint(p.Records),
		"discloses", strings.Join(p.Fields, " "),
		"first record", string(p.Sample),
	)
	for _, f := range p.Findings {
		fmt.Fprintf(w, "breaks the criteria: %s\n", findingText(f))
	}
}

func findingText(f *nodepb.Finding) string {
	where := "the dataset"
	if f.Record > 0 {
		where = fmt.Sprintf("record %d", f.Record)
	}
	if f.Path != "" {
		where += ", " + f.Path
	}
	return where + ": " + f.Rule
}

func (a *app) sell(ctx context.Context, client api.Client, req *nodepb.SellRequest, follow bool) error {
	res, err := client.Sell(ctx, req)
	if err != nil {
		return err
	}
	if follow {
		f := a.newSaleFollower(res.Sale.Id)
		defer f.hide()
		return a.watch(ctx, client, req.PoolId, f)
	}
	return a.show(res.Sale, func(w io.Writer) {
		fmt.Fprintf(w, "the sale is under way; see how it goes: %s\n", a.verb("sales"))
	})
}
