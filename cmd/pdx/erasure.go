package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) erasureCommand() *cobra.Command {
	return a.group("erasure", a.erasureRequestCommand(), a.erasureListCommand(), a.erasureAnswerCommand())
}

func (a *app) erasureRequestCommand() *cobra.Command {
	req := &nodepb.RequestErasureRequest{}
	cmd := &cobra.Command{
		Use: "request DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			req.DealId = uint64(id)
			res, err := client.RequestErasure(cmd.Context(), req)
			if err != nil {
				return err
			}
			return a.show(res.Erasure, func(p printer) {
				p.erasure(res.Erasure)
				if state := res.Erasure.GetState(); state == "asking" || state == "asked" {
					p.say("erasure.goes_on", "command", a.verb("erasure list"))
				}
			})
		},
	}
	cmd.Flags().StringVar(&req.Reason, "reason", "", "")
	return cmd
}

func (a *app) erasureListCommand() *cobra.Command {
	req, list := &nodepb.ListErasuresRequest{}, &listFlags{}
	cmd := &cobra.Command{
		Use: "list", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			req.Limit, req.Cursor, req.Reverse = list.limit, list.cursor, !list.oldest
			res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListErasures, api.AllErasures)
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.erasures(res) })
		},
	}
	list.add(cmd)
	list.addOrder(cmd)
	return cmd
}

func (p printer) erasures(res *nodepb.ListErasuresResponse) {
	list := p.rows("deal", "role", "partner", "state", "asked", "lapses", "reason")
	for _, e := range res.Erasures {
		list.add(fmt.Sprint(e.DealId), nameOf(p.texts, "role.", e.Role), short(e.Partner), nameOf(p.texts, "erasure.state.", e.State),
			day(e.Asked.AsTime()), day(e.Lapses.AsTime()), cmp.Or(e.Note, e.Reason, e.Trouble))
	}
	p.table(list, "erasure.none")
	p.more(res.NextCursor)
}

func (a *app) erasureAnswerCommand() *cobra.Command {
	erased, refuse, note := false, false, ""
	cmd := &cobra.Command{
		Use: "answer DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			if erased == refuse {
				return a.fail(errUsage, "erasure.which")
			}
			question := a.t("erasure.refuse_question", "deal", id)
			if erased {
				question = a.t("erasure.erase_question", "deal", id)
			}
			if err := a.confirm(cmd, question); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.AnswerErasure(cmd.Context(), &nodepb.AnswerErasureRequest{DealId: uint64(id), Erased: erased, Note: note})
			if err != nil {
				return err
			}
			return a.show(res.Erasure, func(p printer) { p.erasure(res.Erasure) })
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&erased, "erased", false, "")
	flags.BoolVar(&refuse, "refuse", false, "")
	flags.StringVar(&note, "note", "", "")
	yesFlag(cmd)
	return cmd
}

// erasure prints a request and what became of it.
func (p printer) erasure(e *nodepb.Erasure) {
	facts := []string{
		"deal", fmt.Sprint(e.GetDealId()), "role", nameOf(p.texts, "role.", e.GetRole()), "partner", e.GetPartner(),
		"state", nameOf(p.texts, "erasure.state.", e.GetState()), "asked", when(e.GetAsked().AsTime()), "reason", e.GetReason(),
	}
	if e.GetAnswered() != nil {
		facts = append(facts, "answered", when(e.Answered.AsTime()), "note", e.Note)
	} else {
		facts = append(facts, "lapses", when(e.GetLapses().AsTime()), "trouble", e.GetTrouble())
	}
	p.facts(append(facts, "path", e.GetPath())...)
}
