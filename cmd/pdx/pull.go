package main

import (
	"context"
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
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
are decrypted into a folder for each deal, with a manifest.`,
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
	client, err := a.client()
	if err != nil {
		return err
	}
	res, err := client.Pull(ctx, req)
	if err != nil {
		return err
	}
	if follow {
		return a.followPulls(ctx, client, req)
	}
	return a.show(res, func(w io.Writer) {
		fmt.Fprintf(w, "the daemon pulls into %s; follow it: pdx pull %d --out %s --follow --yes\n", req.Out, req.PoolId, req.Out)
	})
}

// followPulls shows pulls until all that are known have ended.
func (a *app) followPulls(ctx context.Context, client api.Client, req *nodepb.PullRequest) error {
	open := map[uint64]bool{}
	bars := a.newBars()
	defer bars.end()
	said := map[uint64]string{}
	var failed error
	return a.watch(ctx, client, req.PoolId, func(e *nodepb.WatchResponse) (bool, error) {
		p := e.GetPulled()
		if p == nil || p.PoolId != req.PoolId || (req.DealId != 0 && p.DealId != req.DealId) {
			return false, nil
		}
		bars.set(p)
		if text := pulledText(p); text != said[p.DealId] {
			said[p.DealId] = text
			if err := a.step(p, text); err != nil {
				return true, err
			}
		}
		done, err := endOf(p.State, p.Reason)
		if err != nil {
			failed = fmt.Errorf("deal %d: %w", p.DealId, err)
		}
		open[p.DealId] = !done
		for _, stillOpen := range open {
			if stillOpen {
				return false, nil
			}
		}
		return true, failed
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

// bars shows how far pulls are, on a terminal only.
type bars struct {
	w    io.Writer // nil: nobody looks
	deal uint64
	bar  *progressbar.ProgressBar
}

func (a *app) newBars() *bars {
	if a.json || !isTerminal(a.err) {
		return &bars{}
	}
	return &bars{w: a.err}
}

func (b *bars) set(p *nodepb.Pulled) {
	if b.w == nil || p.State != "pulling" || p.Size == 0 {
		return
	}
	if b.bar == nil || b.deal != p.DealId {
		b.end()
		b.deal = p.DealId
		b.bar = progressbar.NewOptions64(int64(p.Size), progressbar.OptionSetWriter(b.w),
			progressbar.OptionSetDescription(fmt.Sprintf("deal %d", p.DealId)), progressbar.OptionShowBytes(true),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true))
	}
	_ = b.bar.Set64(int64(p.Held))
}

func (b *bars) end() {
	if b.bar != nil {
		_ = b.bar.Finish()
		b.bar = nil
	}
}
