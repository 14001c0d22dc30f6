package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) poolCommand() *cobra.Command {
	return a.group("pool",
		a.poolCreateCommand(), a.poolListCommand(), a.poolShowCommand(), a.poolCloseCommand())
}

func (a *app) poolListCommand() *cobra.Command {
	req := &nodepb.ListPoolsRequest{}
	var least, most string
	cmd := &cobra.Command{
		Use: "list", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if req.MinPrice, err = a.amountFlag("min-price", least); err != nil {
				return err
			}
			if req.MaxPrice, err = a.amountFlag("max-price", most); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListPools(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.pools(res) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&req.Status, "status", "", "")
	flags.StringVar(&req.Buyer, "buyer", "", "")
	flags.StringVar(&least, "min-price", "", "")
	flags.StringVar(&most, "max-price", "", "")
	flags.StringVar(&req.MediaType, "media-type", "", "")
	flags.BoolVar(&req.Reverse, "reverse", false, "")
	flags.Uint32Var(&req.Limit, "limit", 0, "")
	flags.StringVar(&req.Cursor, "cursor", "", "")
	return cmd
}

// badAmount refuses a text that is not an amount, for what pdx.ParseAmount says.
func (a *app) badAmount(where, text string, cause error) error {
	switch {
	case errors.Is(cause, pdx.ErrAmountSmall):
		return a.fail(pdx.ErrInvalid, "usage.small_amount", "where", where, "amount", text)
	case errors.Is(cause, pdx.ErrAmountLarge):
		return a.fail(pdx.ErrInvalid, "usage.large_amount", "where", where, "amount", text)
	}
	return a.fail(pdx.ErrInvalid, "usage.bad_amount", "where", where, "amount", text)
}

// amountFlag reads an amount; a flag that was not given is unset.
func (a *app) amountFlag(name, text string) (*nodepb.Amount, error) {
	if text == "" {
		return nil, nil
	}
	amount, err := pdx.ParseAmount(text)
	if err != nil {
		return nil, a.badAmount("--"+name, text, err)
	}
	return api.FromAmount(amount), nil
}

func (p printer) pools(res *nodepb.ListPoolsResponse) {
	list := p.rows("pool", "status", "price", "filled", "media_type", "title")
	for _, pool := range res.Pools {
		filled := fmt.Sprintf("%d/%d", pool.DeliveredCount, pool.TargetCount)
		list.add(fmt.Sprint(pool.Id), p.state(pool.Status), med(pool.Price), filled, pool.MediaType, pool.Title)
	}
	p.table(list, "pool.none")
	p.more(res.NextCursor)
}

// more says how to see the next page of a list, if there is one.
func (p printer) more(cursor string) {
	if cursor != "" {
		p.say("list.more", "cursor", cursor)
	}
}

func (p printer) deadlines(d *nodepb.Deadlines) string {
	text := func(seconds uint64) string {
		if seconds == 0 {
			return p.t("duration.chain_default")
		}
		return p.duration(time.Duration(seconds) * time.Second)
	}
	return p.t("pool.deadlines", "certify", text(d.GetCertify()), "ack", text(d.GetAck()), "key", text(d.GetKey()), "dispute",
		text(d.GetDispute()))
}

func (a *app) poolCloseCommand() *cobra.Command {
	req := &nodepb.ClosePoolRequest{}
	cmd := &cobra.Command{
		Use: "close POOL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			req.Id = uint64(id)
			if !req.DryRun {
				if err := a.confirmClose(cmd, req); err != nil {
					return err
				}
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ClosePool(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.showWith(res, map[string]any{"dry_run": req.DryRun}, func(p printer) { p.closedPool(req, res) })
		},
	}
	yesFlag(cmd)
	cmd.Flags().BoolVar(&req.DryRun, "dry-run", false, "")
	return cmd
}

// confirmClose asks whoever sits at a terminal, who is told what closing costs; it costs no
// more then.
func (a *app) confirmClose(cmd *cobra.Command, req *nodepb.ClosePoolRequest) error {
	question := a.t("pool.close_question", "pool", req.Id)
	if yes, _ := cmd.Flags().GetBool("yes"); !yes && isTerminal(a.in) {
		client, err := a.client(cmd.Context())
		if err != nil {
			return err
		}
		res, err := client.ClosePool(cmd.Context(), &nodepb.ClosePoolRequest{Id: req.Id, DryRun: true})
		if err != nil {
			return err
		}
		if req.MaxCost = res.Cost; !nothing(res.Cost) {
			question = a.t("pool.close_question_cost", "pool", req.Id, "cost", med(res.Cost), "refund", med(res.Refund), "extra", med(res.Extra))
		}
	}
	return a.confirm(cmd, question)
}

// closedPool says what closing a pool cost and brought, or would.
func (p printer) closedPool(req *nodepb.ClosePoolRequest, res *nodepb.ClosePoolResponse) {
	switch {
	case req.DryRun:
		p.say("pool.close_dry", "pool", req.Id, "refund", med(res.Refund))
	case nothing(res.Refund):
		p.say("pool.closed_empty", "pool", req.Id)
	default:
		p.say("pool.closed", "pool", req.Id, "refund", med(res.Refund))
	}
	if !nothing(res.Cost) {
		p.say("pool.close_cost", "cost", med(res.Cost), "extra", med(res.Extra))
	}
}
