package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// saleFollower shows a sale's steps until it ends.
type saleFollower struct {
	app    *app
	client api.Client
	id     string
	said   map[string]string // by what it is about: the sale itself "", or a validator
	step   *gauge            // the one under way
	sealed uint64            // the deal whose key was delivered, 0 before
	told   bool              // until when it can be disputed
}

func (a *app) newSaleFollower(client api.Client, id string) *saleFollower {
	return &saleFollower{app: a, client: client, id: id, said: map[string]string{}, step: a.newGauge()}
}

// tick looks for the sale among the newest: the changes begin with the sales in progress, and
// this one may have ended before.
func (f *saleFollower) tick(ctx context.Context) (bool, error) {
	f.tellDispute(ctx)
	res, err := f.client.ListSales(ctx, &nodepb.ListSalesRequest{Reverse: true})
	if errors.Is(err, pdx.ErrUnavailable) {
		return false, nil // the stream says that the daemon has stopped
	}
	if err != nil {
		return true, err
	}
	for _, s := range res.Sales {
		if s.Id == f.id {
			return f.change(&nodepb.WatchResponse{What: &nodepb.WatchResponse_Sale{Sale: s}})
		}
	}
	return false, nil
}

// tellDispute says, once the key was delivered, how long the deal can be disputed.
func (f *saleFollower) tellDispute(ctx context.Context) {
	if f.sealed == 0 || f.told {
		return
	}
	res, err := f.client.GetDeal(ctx, &nodepb.GetDealRequest{Id: f.sealed})
	if err != nil || res.Deal.DeadlineTime == nil {
		return // asked again: the sale goes on without this
	}
	f.told = true
	f.step.hide()
	if !f.app.json && isTerminal(f.app.err) {
		printFolded(f.app.err, f.app.printer(f.app.err).dispute(res.Deal.DeadlineTime.AsTime()), 0)
	}
}

// dispute says when the seller of a delivered deal is paid.
func (p printer) dispute(until time.Time) string {
	if time.Now().Before(until) {
		return p.t("follow.dispute", "time", when(until))
	}
	return p.t("follow.dispute_over")
}

func (f *saleFollower) change(e *nodepb.WatchResponse) (bool, error) {
	s := e.GetSale()
	if s == nil || s.Id != f.id {
		return false, nil
	}
	if news := f.news(s); len(news) > 0 {
		f.step.hide()
		if err := f.app.step(s, strings.Join(news, "\n")); err != nil {
			return true, err
		}
	}
	if s.State == string(pdx.DealDelivered) {
		f.sealed = s.DealId
	}
	f.step.set(nameOf(f.app.texts, "step.", s.Step), s.Done, s.Work)
	return f.app.endOf(s.DealId, s.State, s.Reason)
}

// hide clears the bar's line, for other text.
func (f *saleFollower) hide() { f.step.hide() }

// news are the lines that were not shown yet.
func (f *saleFollower) news(s *nodepb.Sale) (lines []string) {
	p := f.app.printer(f.app.out)
	say := func(about, text string) {
		if f.said[about] != text {
			f.said[about] = text
			lines = append(lines, text)
		}
	}
	say("", p.reached(s.DealId, s.State, s.Reason))
	for _, c := range s.Checks {
		say(c.Validator, p.check(c))
	}
	return lines
}

func (p printer) check(c *nodepb.Check) string {
	text := p.t("sale.check", "validator", short(c.Validator), "stage", nameOf(p.texts, "stage.", c.Stage))
	if c.Message != "" {
		text = p.t("deal.because", "text", text, "reason", c.Message)
	}
	text = "  " + text
	for _, finding := range c.Findings {
		text += "\n    " + p.finding(finding)
	}
	if more := moreThan(c.Findings, c.FindingsTotal); more > 0 {
		text += "\n    " + p.t("finding.more", "n", more)
	}
	return text
}
