package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) poolShowCommand() *cobra.Command {
	document := false
	cmd := &cobra.Command{
		Use: "show POOL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.GetPool(cmd.Context(), &nodepb.GetPoolRequest{Id: uint64(id)})
			if err != nil {
				return err
			}
			if document {
				return a.printCriteria(res.Pool)
			}
			return a.show(res.Pool, func(p printer) { p.pool(res.Pool) })
		},
	}
	cmd.Flags().BoolVar(&document, "criteria", false, "")
	return cmd
}

// printCriteria prints the document: byte for byte, but on a terminal, where a
// stranger's text could hide what it says.
func (a *app) printCriteria(p *nodepb.Pool) error {
	if len(p.Criteria) == 0 {
		return a.fail(pdx.ErrUnavailable, "pool.criteria_away", "pool", p.Id)
	}
	if isTerminal(a.out) {
		_, err := a.out.Write(text.EscapeJSON(p.Criteria))
		return err
	}
	_, err := raw(a.out).Write(p.Criteria)
	return err
}

func (p printer) pool(pool *nodepb.Pool) {
	inProgress := pool.ReservedCount - min(pool.ReservedCount, pool.DeliveredCount)
	p.facts(slices.Concat([]string{
		"pool", p.t("pool.name", "pool", pool.Id, "title", pool.Title),
		"status", p.state(pool.Status),
		"buyer", pool.Buyer,
		"price", p.t("pool.price", "price", med(pool.Price)),
		"datasets", p.t("pool.filled", "delivered", pool.DeliveredCount, "target", pool.TargetCount, "in_progress", inProgress),
		"escrow", p.t("pool.unreserved", "escrow", med(pool.Escrow)),
		"media_type", pool.MediaType,
		"criteria", pool.CriteriaCid,
		"validators", p.judges(pool) + ": " + strings.Join(pool.Validators, ", "),
		"largest_dataset", bytesText(pool.MaxDatasetBytes),
		"reward", p.reward(pool),
		"duplicates", p.duplicates(pool),
		"acks", p.acks(pool),
		"deadlines", p.deadlines(pool.Deadlines),
		"expiry", when(pool.Expiry.AsTime()),
	}, p.terms(pool), p.wanted(pool))...)
	if len(pool.Criteria) == 0 {
		p.say("pool.criteria_not_shown")
	}
}

// terms are facts of a pool's terms.
func (p printer) terms(pool *nodepb.Pool) (facts []string) {
	for _, t := range pool.Terms {
		text := p.t("pool.term_only", "id", t.Id, "need", p.need(t.Required), "title", t.Title)
		if t.Description != "" {
			text = p.t("pool.term", "id", t.Id, "need", p.need(t.Required), "title", t.Title, "text", t.Description)
		}
		facts = append(facts, fact("term", text)...)
	}
	return facts
}

func (p printer) need(required bool) string {
	if required {
		return p.t("need.required")
	}
	return p.t("need.optional")
}

// judges says how many of a pool's validators judge a dataset.
func (p printer) judges(pool *nodepb.Pool) string {
	if pool.DrawCount != 0 {
		return p.t("pool.drawn", "drawn", pool.DrawCount, "validators", len(pool.Validators), "k", pool.RequiredCertificates)
	}
	return p.t("pool.must_accept", "validators", len(pool.Validators), "k", pool.RequiredCertificates)
}

// reward says what a verdict earns.
func (p printer) reward(pool *nodepb.Pool) string {
	return p.t("pool.reward", "reward", med(pool.VerdictReward))
}

// acks says who acknowledges a ciphertext.
func (p printer) acks(pool *nodepb.Pool) string {
	if pool.AckMode == string(pdx.AckQuorum) {
		return p.t("pool.acks_quorum", "n", pool.RequiredCertificates)
	}
	return p.t("pool.acks_buyer")
}

// wanted are facts of what the criteria ask for, in short.
func (p printer) wanted(pool *nodepb.Pool) []string {
	if len(pool.Criteria) == 0 {
		return nil
	}
	doc, err := criteria.Parse(pool.Criteria)
	if err != nil {
		return fact("criteria", p.t("pool.criteria_unreadable", "cause", err))
	}
	return p.asked(doc)
}

// asked are facts of what a criteria document asks for.
func (p printer) asked(doc *criteria.Document) []string {
	facts := slices.Concat(
		fact("records", p.bounds(doc.Records, func(n uint64) string { return fmt.Sprint(n) })),
		fact("size", p.bounds(doc.Bytes, bytesText)),
		fact("each_record", p.bounds(criteria.Bounds{Min: doc.RecordBytes.Min, Max: doc.MaxRecord()}, bytesText)),
	)
	for _, f := range doc.Fields {
		facts = append(facts, fact("field", p.t("pool.field", "field", f.Pointer, "need", p.need(f.Required), "purpose", f.Purpose))...)
	}
	return facts
}

// bounds is empty where anything goes.
func (p printer) bounds(b criteria.Bounds, text func(uint64) string) string {
	switch {
	case b.Max == 0 && b.Min == 0:
		return ""
	case b.Max == 0:
		return p.t("bounds.least", "least", text(b.Min))
	}
	return p.t("bounds.both", "least", text(b.Min), "most", text(b.Max))
}
