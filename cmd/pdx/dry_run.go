package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api/nodepb"
)

// errRehearsed ends a verb that was asked what it would do, and said so.
var errRehearsed = errors.New("rehearsed")

// feeNote is the annotation of a verb that has the message by which it spends.
const feeNote = "pdx_fee"

// dryRunFlag adds --dry-run to a verb that spends. message is what it sends to the chain; its
// fee is shown.
func dryRunFlag(cmd *cobra.Command, message string) {
	cmd.Flags().Bool("dry-run", false, "")
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[feeNote] = message
}

// rehearsing reports whether a verb is only to say what it would do.
func rehearsing(cmd *cobra.Command) bool {
	flag := cmd.Flags().Lookup("dry-run")
	return flag != nil && flag.Changed && flag.Value.String() == "true"
}

// rehearse says what a verb would do and what its fee is about, if it is only to say so. The
// error then ends the verb as a success.
func (a *app) rehearse(cmd *cobra.Command, would string) error {
	if !rehearsing(cmd) {
		return nil
	}
	client, err := a.client(cmd.Context())
	if err != nil {
		return err
	}
	res, err := client.ListFees(cmd.Context(), &nodepb.ListFeesRequest{})
	if err != nil {
		return err
	}
	var fee *nodepb.Amount
	for _, f := range res.Fees {
		if f.Message == cmd.Annotations[feeNote] {
			fee = f.Amount
		}
	}
	if a.json {
		answer := map[string]any{"dry_run": true, "would": would}
		if fee != nil {
			answer["fee"] = map[string]string{"amount": fee.Amount, "denom": fee.Denom}
		}
		if err := a.line(answer); err != nil {
			return err
		}
		return errRehearsed
	}
	p := a.printer(a.out)
	p.say("dry_run.would", "would", would)
	if fee != nil {
		p.say("dry_run.fee", "fee", med(fee))
	}
	p.say("dry_run.nothing")
	return errRehearsed
}
