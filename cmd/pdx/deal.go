package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) dealCommand() *cobra.Command {
	return a.group("deal",
		a.dealListCommand(), a.dealShowCommand(), a.dealChallengeCommand())
}

func (a *app) dealListCommand() *cobra.Command {
	req := &nodepb.ListDealsRequest{}
	var due time.Duration
	var oldest bool
	cmd := &cobra.Command{
		Use: "list", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("due") && due < time.Second {
				return a.fail(pdx.ErrInvalid, "deal.bad_due", "due", due)
			}
			if due != 0 && oldest {
				return a.fail(errUsage, "deal.two_orders")
			}
			req.DueSeconds, req.Reverse = uint64(due/time.Second), due == 0 && !oldest
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListDeals(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.deals(res) })
		},
	}
	flags := cmd.Flags()
	flags.Uint64Var(&req.PoolId, "pool", 0, "")
	flags.StringVar(&req.Seller, "seller", "", "")
	flags.StringVar(&req.Buyer, "buyer", "", "")
	flags.StringVar(&req.Validator, "validator", "", "")
	flags.StringVar(&req.State, "state", "", "")
	flags.DurationVar(&due, "due", 0, "")
	flags.BoolVar(&oldest, "oldest-first", false, "")
	flags.Uint32Var(&req.Limit, "limit", 0, "")
	flags.StringVar(&req.Cursor, "cursor", "", "")
	return cmd
}

func (p printer) deals(res *nodepb.ListDealsResponse) {
	list := p.rows("deal", "pool", "state", "price", "size", "seller", "buyer")
	for _, d := range res.Deals {
		list.add(fmt.Sprint(d.Id), fmt.Sprint(d.PoolId), p.state(d.State), med(d.Price), bytesText(d.Size), short(d.Seller), short(d.Buyer))
	}
	p.table(list, "deal.none")
	p.more(res.NextCursor)
}

func (a *app) dealShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetDeal(cmd.Context(), &nodepb.GetDealRequest{Id: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res.Deal, func(p printer) { p.deal(res.Deal) })
		},
	}
}

func (p printer) deal(d *nodepb.Deal) {
	facts := slices.Concat(
		fact("deal", p.t("deal.in_pool", "deal", d.Id, "pool", d.PoolId)),
		fact("state", p.meaning(d.State)),
		fact("seller", d.Seller),
		fact("buyer", d.Buyer),
		fact("price", med(d.Price)),
		fact("deposit", med(d.Deposit)),
		fact("reward", p.t("pool.reward", "reward", med(d.VerdictReward))),
		fact("stake", p.t("deal.stake", "stake", med(d.Stake))),
		fact("ciphertext", d.Root+", "+bytesText(d.Size)),
		fact("disclosed", strings.Join(d.Fields, " ")),
	)
	for _, a := range d.Agreements {
		text := p.t("deal.agreement", "id", a.Term.GetId(), "answer", p.answer(a.Agreed), "title", a.Term.GetTitle())
		facts = append(facts, fact("term", text)...)
	}
	facts = append(facts, p.draw(d.Draw)...)
	for _, c := range d.Certificates {
		facts = append(facts, fact("certificate", p.certificate(c))...)
	}
	for _, s := range d.Shares {
		role := p.t("role.validator")
		if s.Address == d.Seller {
			role = p.t("role.seller")
		}
		facts = append(facts, fact("share", p.t("deal.share", "amount", med(s.Amount), "account", s.Address, "role", role))...)
	}
	facts = append(facts, p.challenge(d.Challenge)...)
	facts = append(facts, p.conviction(d.Conviction)...)
	facts = append(facts, p.purchase(d.Pulled)...)
	for _, h := range d.History {
		facts = append(facts, fact("history", p.t("deal.step", "time", when(h.Time.AsTime()), "state", p.state(h.State), "height", h.Height))...)
	}
	if d.DeadlineHeight > 0 {
		facts = append(facts, fact("deadline", p.t("deal.deadline", "time", when(d.DeadlineTime.AsTime()), "height", d.DeadlineHeight))...)
	}
	p.facts(facts...)
}

// draw says how the validators of a deal were selected, if they are selected.
func (p printer) draw(d *nodepb.DealDraw) []string {
	switch {
	case d == nil:
		return nil
	case d.Height == 0:
		return fact("draw", p.t("deal.undrawn", "n", d.Count, "of", d.Candidates))
	case d.Revealed:
		return fact("draw", p.t("deal.drawn", "n", d.Count, "of", d.Candidates, "height", d.Height))
	}
	return fact("draw", p.t("deal.drawn_without", "n", d.Count, "of", d.Candidates, "height", d.Height))
}

// meaning is a state with what it means.
func (p printer) meaning(state string) string {
	if !p.texts.Has("page.meaning." + state) {
		return p.state(state)
	}
	return p.t("deal.state", "state", p.state(state), "meaning", nameOf(p.texts, "page.meaning.", state))
}

func (p printer) certificate(c *nodepb.Certificate) string {
	if c.Accepted {
		return p.t("deal.accepted", "validator", c.Validator, "height", c.Height)
	}
	return p.t("deal.rejected", "validator", c.Validator, "height", c.Height, "reason", c.Reason)
}

// purchase says where the records of a dataset that this node bought were put.
func (p printer) purchase(pull *nodepb.Pulled) []string {
	if pull.GetPath() == "" {
		return nil
	}
	text := pull.Path
	if pull.OpenedAt != nil {
		text = p.t("deal.opened", "path", text, "time", when(pull.OpenedAt.AsTime()))
	}
	facts := fact("records", text+p.filesGone(pull))
	if len(pull.Copiers) > 0 {
		facts = append(facts, fact("copiers", p.t("deal.copiers", "validators", strings.Join(pull.Copiers, ", ")))...)
	}
	return facts
}

// answer is a seller's answer to a term.
func (p printer) answer(agreed bool) string {
	if agreed {
		return p.t("answer.agreed")
	}
	return p.t("answer.not_agreed")
}

// conviction says what was wrong with a dataset, and who paid for it.
func (p printer) conviction(c *nodepb.Conviction) []string {
	if c == nil {
		return nil
	}
	what := p.t("deal.bad_key")
	refund := p.t("deal.refund", "refund", med(c.Refund), "compensation", med(c.Compensation))
	switch pdx.ComplaintKind(c.Kind) {
	case pdx.ComplaintSegment:
		what = p.t("deal.bad_segment", "segment", c.Segment)
	case pdx.BrokenPromise:
		what = p.t("deal.broken_promise")
		refund = p.t("deal.promise_refund", "refund", med(c.Refund), "compensation", med(c.Compensation))
	}
	facts := slices.Concat(fact("conviction", what), fact("refund", refund))
	for _, s := range c.Slashed {
		facts = append(facts, fact("slashed", p.t("deal.slashed", "amount", med(s.Amount), "account", s.Address))...)
	}
	return facts
}
