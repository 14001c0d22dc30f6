package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

func (a *app) openCommand() *cobra.Command {
	req := &nodepb.OpenPoolRequest{}
	var deals []uint
	cmd := &cobra.Command{
		Use: "open POOL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pool, err := pdx.ParsePoolID(args[0])
			if err != nil {
				return err
			}
			req.PoolId = uint64(pool)
			for _, id := range deals {
				req.DealIds = append(req.DealIds, uint64(id))
			}
			if req.Out, err = absolute(req.Out); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			running := a.newGauge()
			res, err := api.OpenPool(cmd.Context(), client, req, func(step string, done, size uint64) {
				running.set(nameOf(a.texts, "step.", step), done, size)
			})
			running.hide()
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.opened(res, req) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&req.Out, "out", "", "")
	flags.StringVar(&req.Format, "format", model.PlainNDJSON, "")
	flags.BoolVar(&req.Merge, "merge", false, "")
	flags.UintSliceVar(&deals, "deal", nil, "")
	flags.BoolVar(&req.Spreadsheet, "spreadsheet", false, "")
	flags.BoolVar(&req.DryRun, "dry-run", false, "")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

// opened says what was written, and what was left out of it.
func (p printer) opened(res *nodepb.OpenPoolResponse, req *nodepb.OpenPoolRequest) {
	list := p.rows("path", "size", "records")
	for _, f := range res.Files {
		size := "-"
		if !req.DryRun {
			size = bytesText(f.Size)
		}
		list.add(f.Path, size, orDash(f.Records))
	}
	if req.DryRun {
		p.say("open.would", "folder", res.Out, "n", len(res.Deals))
	} else {
		p.say("open.wrote", "folder", res.Out, "n", len(res.Deals))
	}
	p.table(list, "open.none")
	if res.Merged && !res.Keyed {
		p.say("open.unkeyed")
	}
	for _, d := range res.Deals {
		if d.Duplicates+d.Conflicts+d.Unreadable > 0 {
			p.say("open.left", "deal", d.DealId, "records", p.t("count.records", "n", d.Records), "kept", fmt.Sprint(d.Kept),
				"duplicates", fmt.Sprint(d.Duplicates), "conflicts", fmt.Sprint(d.Conflicts), "unreadable", fmt.Sprint(d.Unreadable))
		}
	}
	if res.Formulas > 0 && !req.Spreadsheet {
		p.say("open.formulas", "n", res.Formulas)
	}
	if res.Waiting > 0 {
		p.say("open.waiting", "n", res.Waiting)
	}
}
