package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) poolShowCommand() *cobra.Command {
	document := false
	cmd := &cobra.Command{
		Use: "show POOL", Short: "Show a pool, its terms and its criteria", Args: exactly(1),
		Example: "  pdx pool show 7\n  pdx pool show 7 --criteria > criteria.json",
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
			return a.show(res.Pool, func(w io.Writer) { printPool(w, res.Pool) })
		},
	}
	cmd.Flags().BoolVar(&document, "criteria", false, "print the criteria document only, as it is")
	return cmd
}

// printCriteria prints the document byte for byte.
func (a *app) printCriteria(p *nodepb.Pool) error {
	if len(p.Criteria) == 0 {
		return fmt.Errorf("criteria of pool %d: %w: the buyer's machine is away", p.Id, pdx.ErrUnavailable)
	}
	_, err := a.out.Write(p.Criteria)
	return err
}

func printPool(w io.Writer, p *nodepb.Pool) {
	facts(w,
		"pool", fmt.Sprintf("%d: %s", p.Id, p.Title),
		"status", p.Status,
		"buyer", p.Buyer,
		"price", med(p.Price)+" for each dataset",
		"datasets", fmt.Sprintf("%d of %d delivered, %d under way", p.DeliveredCount, p.TargetCount, p.ReservedCount-min(p.ReservedCount, p.DeliveredCount)),
		"escrow", med(p.Escrow)+" unreserved",
		"media type", p.MediaType,
		"criteria", p.CriteriaCid,
		"validators", validatorsText(p)+": "+strings.Join(p.Validators, ", "),
		"acks", acksText(p),
		"deadlines", deadlinesText(p.Deadlines),
		"expiry", ago(p.Expiry.AsTime()),
	)
	for _, t := range p.Terms {
		need := "optional"
		if t.Required {
			need = "required"
		}
		fmt.Fprintf(w, "term %d (%s): %s: %s\n", t.Id, need, t.Title, t.Description)
	}
	if len(p.Criteria) == 0 {
		fmt.Fprintln(w, "The criteria cannot be had now: the buyer's machine is away.")
		return
	}
	printWanted(w, p)
}

// validatorsText says how many of a pool's validators judge a dataset.
func validatorsText(p *nodepb.Pool) string {
	if p.DrawCount != 0 {
		return fmt.Sprintf("%d of %d are drawn by lot for each dataset, %d must accept", p.DrawCount, len(p.Validators), p.RequiredCertificates)
	}
	return fmt.Sprintf("%d of %d must accept", p.RequiredCertificates, len(p.Validators))
}

// acksText says who acknowledges a ciphertext.
func acksText(p *nodepb.Pool) string {
	if p.AckMode == string(pdx.AckQuorum) {
		return fmt.Sprintf("by the buyer, or after the ack deadline by %d validator(s) that promise to serve it", p.RequiredCertificates)
	}
	return "by the buyer alone"
}

// printWanted says in short what the criteria ask for.
func printWanted(w io.Writer, p *nodepb.Pool) {
	doc, err := criteria.Parse(p.Criteria)
	if err != nil {
		fmt.Fprintf(w, "The criteria cannot be read: %v\n", err)
		return
	}
	facts(w, "records", boundsText(doc.Records, func(n uint64) string { return fmt.Sprint(n) }), "size", boundsText(doc.Bytes, bytesText),
		"each record", boundsText(criteria.Bounds{Min: doc.RecordBytes.Min, Max: doc.MaxRecord()}, bytesText))
	for _, f := range doc.Fields {
		need := "optional"
		if f.Required {
			need = "required"
		}
		fmt.Fprintf(w, "field %s (%s): %s\n", f.Pointer, need, f.Purpose)
	}
}

// boundsText is empty where anything goes.
func boundsText(b criteria.Bounds, text func(uint64) string) string {
	switch {
	case b.Max == 0 && b.Min == 0:
		return ""
	case b.Max == 0:
		return "at least " + text(b.Min)
	}
	return text(b.Min) + " to " + text(b.Max)
}
