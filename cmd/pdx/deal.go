package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) dealCommand() *cobra.Command {
	return a.group("deal",
		a.dealListCommand(), a.dealShowCommand())
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
	p.facts(
		"deal", p.t("deal.in_pool", "deal", d.Id, "pool", d.PoolId),
		"state", p.state(d.State),
		"seller", d.Seller,
		"buyer", d.Buyer,
		"price", med(d.Price),
		"deposit", med(d.Deposit),
		"ciphertext", d.Root+", "+bytesText(d.Size),
		"disclosed", strings.Join(d.Fields, " "),
	)
	for _, a := range d.Agreements {
		p.say("deal.agreement", "answer", p.answer(a.Agreed), "id", a.Term.GetId(), "title", a.Term.GetTitle())
	}
	for _, c := range d.Certificates {
		verdict := p.t("verdict.accepted")
		if !c.Accepted {
			verdict = p.t("verdict.rejected_because", "reason", c.Reason)
		}
		p.say("deal.certificate", "height", c.Height, "validator", c.Validator, "verdict", verdict)
	}
	for _, s := range d.Shares {
		p.say("deal.share", "amount", med(s.Amount), "account", s.Address)
	}
	p.conviction(d.Conviction)
	p.purchase(d.Pulled)
	for _, h := range d.History {
		p.say("deal.step", "height", fmt.Sprintf("%-8d", h.Height), "time", when(h.Time.AsTime()), "state", p.state(h.State))
	}
	if d.DeadlineHeight > 0 {
		p.say("deal.deadline", "height", d.DeadlineHeight, "time", when(d.DeadlineTime.AsTime()))
	}
}

// purchase says where the records of a dataset that this node bought were put.
func (p printer) purchase(pull *nodepb.Pulled) {
	if pull.GetPath() == "" {
		return
	}
	text := pull.Path
	if pull.OpenedAt != nil {
		text = p.t("deal.opened", "path", text, "time", when(pull.OpenedAt.AsTime()))
	}
	p.say("deal.records", "text", text+p.filesGone(pull))
}

// answer is a seller's answer to a term.
func (p printer) answer(agreed bool) string {
	if agreed {
		return p.t("answer.agreed")
	}
	return p.t("answer.not_agreed")
}

// conviction says what was wrong with a dataset, and who paid for it.
func (p printer) conviction(c *nodepb.Conviction) {
	if c == nil {
		return
	}
	what := p.t("deal.bad_key")
	if pdx.ComplaintKind(c.Kind) == pdx.ComplaintSegment {
		what = p.t("deal.bad_segment", "segment", c.Segment)
	}
	p.say("deal.conviction", "what", what)
	p.say("deal.refund", "refund", med(c.Refund), "compensation", med(c.Compensation))
	for _, s := range c.Slashed {
		p.say("deal.slashed", "amount", med(s.Amount), "account", s.Address)
	}
}
