package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) pullCommand() *cobra.Command {
	req, follow := &nodepb.PullRequest{}, false
	cmd := &cobra.Command{
		Use: "pull POOL", Short: "Pull the datasets sold into a pool of yours", Args: exactly(1),
		Long: `Order that the datasets of a pool of yours be pulled, now and as they are
certified. Every 64 KiB is verified as it comes; an interrupted pull goes on
where it was. When a ciphertext is here completely it is acknowledged on chain,
which commits its price to the seller; when the key is delivered the records
are decrypted into a folder for each deal, with a manifest. If they do not
decrypt, the daemon proves that on chain by itself and the money comes back.`,
		Example: "  pdx pull 7 --out ./bought\n  pdx pull 7 --deal 12 --out ./bought --follow --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			pool, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			req.PoolId = uint64(pool)
			if req.Out, err = absolute(req.Out); err != nil {
				return err
			}
			if err := a.confirm(cmd, fmt.Sprintf("Pull and acknowledge what is certified in pool %d? An ack commits the price.", pool)); err != nil {
				return err
			}
			return a.pull(cmd.Context(), req, follow)
		},
	}
	cmd.Flags().StringVar(&req.Out, "out", ".", "folder for the decrypted records")
	cmd.Flags().Uint64Var(&req.DealId, "deal", 0, "this deal only (default: all of the pool, present and to come)")
	cmd.Flags().BoolVar(&follow, "follow", false, "stay and show progress until every deal known now has ended")
	yesFlag(cmd)
	return cmd
}

func (a *app) pull(ctx context.Context, req *nodepb.PullRequest, follow bool) error {
	client, err := a.client(ctx)
	if err != nil {
		return err
	}
	res, err := client.Pull(ctx, req)
	if err != nil {
		return err
	}
	if follow {
		f := a.newPullsFollower(client, req)
		defer f.bar.hide()
		return a.watch(ctx, client, req.PoolId, f)
	}
	return a.show(res, func(w io.Writer) {
		fmt.Fprintf(w, "the daemon pulls into %s; see how it goes: %s\n", req.Out, a.verb("pulls"))
	})
}

func pulledText(p *nodepb.Pulled) string {
	text := fmt.Sprintf("deal %d %s", p.DealId, p.State)
	if p.Reason != "" {
		text += ": " + p.Reason
	}
	if p.Path != "" {
		text += fmt.Sprintf(" (%d records in %s)", p.Records, p.Path)
	}
	return text
}
