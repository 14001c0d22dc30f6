package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) sellCommand() *cobra.Command {
	req, follow, agree := &nodepb.SellRequest{}, false, false
	cmd := &cobra.Command{
		Use: "sell POOL DATA", Args: a.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			pool, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			req.PoolId, req.DataId = uint64(pool), args[1]
			if agree && len(req.Fields) == 0 && !cmd.Flags().Changed("optional") {
				req.Optional = true
			}
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
	flags.StringSliceVar(&req.Fields, "fields", nil, "")
	flags.BoolVar(&req.Optional, "optional", false, "")
	flags.StringSliceVar(&req.Validators, "validators", nil, "")
	flags.BoolVar(&agree, "agree", false, "")
	flags.BoolVar(&req.Unchecked, "unchecked", false, "")
	flags.BoolVar(&req.Unlisted, "unlisted", false, "")
	flags.BoolVar(&req.SkipInvalid, "skip-invalid", false, "")
	flags.BoolVar(&follow, "follow", false, "")
	dryRunFlag(cmd, "MsgOffer")
	yesFlag(cmd)
	return cmd
}

// consent shows what a sale would mean and asks.
func (a *app) consent(cmd *cobra.Command, client api.Client, req *nodepb.SellRequest, agree bool) error {
	reading := a.newGauge()
	order := &nodepb.PreviewSaleRequest{
		PoolId: req.PoolId, DataId: req.DataId, Fields: req.Fields, Optional: req.Optional, SkipInvalid: req.SkipInvalid,
	}
	p, err := api.PreviewSale(cmd.Context(), client, order, func(step string, done, size uint64) {
		reading.set(nameOf(a.texts, "step.", step), done, size)
	})
	reading.hide()
	if err != nil {
		return err
	}
	req.Fields, req.Optional, req.Skipped, req.MaxDeposit = p.Fields, false, p.Skipped, p.Deposit // exactly what is agreed to
	if !a.json {
		a.printer(a.err).preview(p)
	}
	if len(p.Findings) > 0 && !req.Unchecked {
		return a.fail(pdx.ErrInvalid, "sell.broken", "finding", a.printer(a.err).firstOf(p.Findings, p.FindingsTotal))
	}
	if err := a.agreeTerms(cmd, req, p.Pool, agree); err != nil {
		return err
	}
	question := a.t("sell.question", "n", p.Records, "price", med(p.Price), "deposit", med(p.Deposit))
	if p.Skipped > 0 {
		question = a.t("sell.skips", "n", p.Skipped) + " " + question
	}
	return a.confirm(cmd, question)
}

// agreeTerms asks for each term of the pool; --yes agrees to none of them.
func (a *app) agreeTerms(cmd *cobra.Command, req *nodepb.SellRequest, pool *nodepb.Pool, agree bool) error {
	yes, _ := cmd.Flags().GetBool("yes")
	for _, t := range pool.Terms {
		err := error(nil)
		switch {
		case agree, rehearsing(cmd):
		case yes || !isTerminal(a.in):
			err = a.fail(errUsage, "sell.must_agree", "term", termText(t))
		default:
			err = a.confirm(cmd, a.t("sell.term_question", "term", termText(t), "need", a.printer(a.err).need(t.Required)))
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

// termText returns a term's title, and its text if it has one, without the full stop at its end.
func termText(t *nodepb.Term) string {
	title := `"` + t.Title + `"`
	if t.Description == "" {
		return title
	}
	return title + ": " + strings.TrimSuffix(t.Description, ".")
}

func (p printer) preview(sale *nodepb.PreviewSaleResponse) {
	p.facts(
		"pool", p.t("pool.name", "pool", sale.Pool.Id, "title", sale.Pool.Title),
		"buyer", sale.Pool.Buyer,
		"price", med(sale.Price),
		"commission", p.t("sell.commission", "n", sale.Pool.RequiredCertificates, "commission", med(sale.Commission)),
		"fees", p.t("sell.fees", "fees", med(sale.Fees)),
		"net", p.net(sale),
		"deposit", p.t("sell.deposit", "deposit", med(sale.Deposit)),
		"records", fmt.Sprint(sale.Records),
		"discloses", strings.Join(sale.Fields, " "),
		"withholds", p.withheld(sale.Withheld),
		"noted", p.noted(sale.Notes),
		"first_record", string(sale.Sample),
	)
	for i, next := range sale.Samples {
		if i > 0 {
			p.facts("next_record", string(next))
		}
	}
	if sale.Broken > 0 {
		p.say("sell.broken_records", "n", sale.Broken)
		for _, count := range sale.ByRule {
			p.say("criteria.breaks", "n", count.Records, "rule", count.Rule)
		}
	}
	if sale.Skipped > 0 {
		p.say("sell.skips", "n", sale.Skipped)
	}
	for _, f := range sale.Findings {
		p.say("sell.finding", "finding", p.finding(f))
	}
	if more := moreThan(sale.Findings, sale.FindingsTotal); more > 0 {
		p.say("sell.more_findings", "n", more)
	}
}

// withheld says which optional fields the seller keeps.
func (p printer) withheld(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return p.t("sell.withheld", "fields", strings.Join(fields, " "))
}

// moreThan is how many findings there are beside those that are listed.
func moreThan(listed []*nodepb.Finding, total uint64) uint64 {
	return total - min(total, uint64(len(listed)))
}

// firstOf is the first finding, and how many more there are.
func (p printer) firstOf(listed []*nodepb.Finding, total uint64) string {
	text := p.finding(listed[0])
	if more := max(total, uint64(len(listed))) - 1; more > 0 {
		text = p.t("finding.and_more", "n", more, "finding", text)
	}
	return text
}

// net says what the seller is left with.
func (p printer) net(sale *nodepb.PreviewSaleResponse) string {
	if nothing(sale.Net) {
		return p.t("sell.no_net")
	}
	return p.t("sell.net", "net", med(sale.Net))
}

// finding says where a rule is broken, and which.
func (p printer) finding(f *nodepb.Finding) string {
	where := p.t("finding.dataset")
	if f.Record > 0 {
		where = p.t("finding.record", "record", f.Record)
	}
	if f.Path != "" {
		where += ", " + clean(f.Path)
	}
	if n, ok := strings.CutPrefix(f.Rule, "overlap/"); ok {
		return p.t("finding.overlap", "where", where, "n", n)
	}
	return p.t("finding.broken", "where", where, "rule", f.Rule)
}

func (a *app) sell(ctx context.Context, client api.Client, req *nodepb.SellRequest, follow bool) error {
	res, err := client.Sell(ctx, req)
	if err != nil {
		return err
	}
	if follow {
		f := a.newSaleFollower(client, res.Sale.Id)
		defer f.hide()
		return a.watch(ctx, client, req.PoolId, f)
	}
	return a.show(res.Sale, func(p printer) {
		p.say("sell.started", "command", a.verb("sales"))
	})
}
