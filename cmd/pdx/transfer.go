package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/transfer"
)

func (a *app) transferCommand() *cobra.Command {
	return a.group("transfer", a.transferListCommand(), a.transferWatchCommand())
}

func (a *app) transferListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListTransfers(cmd.Context(), &nodepb.ListTransfersRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.transfers(res.Transfers) })
		},
	}
}

func (p printer) transfers(transfers []*nodepb.Transfer) {
	list := p.rows("id", "", "cid", "done", "rate", "peer", "path", "rtt", "again", "")
	for _, t := range transfers {
		list.add(fmt.Sprint(t.Id), nameOf(p.texts, "direction.", t.Direction), p.blob(t), p.done(t), rateText(t.Rate), "", "", "", "",
			p.transferNote(t))
		for _, r := range t.Routes {
			list.add("", "", "", bytesText(r.Bytes), rateText(r.Rate), short(r.PeerId), p.route(r), rttText(r.RttUs), p.again(r),
				p.limitedBy(r.Error, r.Reason))
		}
	}
	p.table(list, "transfer.none")
}

// blob is which blob moves, or how many small ones.
func (p printer) blob(t *nodepb.Transfer) string {
	switch {
	case t.Blobs > 0:
		return p.t("transfer.blobs_of", "held", t.BlobsHeld, "n", t.Blobs)
	case t.BlobsHeld > 0:
		return p.t("count.blobs", "n", t.BlobsHeld)
	}
	return short(t.Cid)
}

// done is how much was moved. The sizes of many small blobs are known only as they come.
func (p printer) done(t *nodepb.Transfer) string {
	if t.Blobs > 0 || t.Size == 0 || t.Direction == string(transfer.Serving) {
		return bytesText(t.Held)
	}
	return p.t("transfer.part", "held", bytesText(t.Held), "size", bytesText(t.Size), "percent", 100*t.Held/t.Size)
}

func rttText(us int64) string {
	if us <= 0 {
		return "-"
	}
	return microseconds(us).Round(10 * time.Microsecond).String()
}

func (p printer) route(r *nodepb.Route) string {
	if r.Address == "" {
		return "-"
	}
	path := p.path(&nodepb.Peer{Relayed: r.Relayed})
	return fmt.Sprintf("%s, %s ×%d, %s", path, r.Transport, r.Connections, r.Address)
}

// again is what came twice, and what had to be asked for again.
func (p printer) again(r *nodepb.Route) string {
	if r.Again == 0 && r.Retries == 0 {
		return "-"
	}
	return bytesText(r.Again) + ", " + p.t("count.retries", "n", r.Retries)
}

func (p printer) transferNote(t *nodepb.Transfer) string {
	if t.Error == "" && t.Ended != nil {
		return p.t("transfer.took", "time", t.Ended.AsTime().Sub(t.Started.AsTime()).Round(time.Millisecond))
	}
	return p.limitedBy(t.Error, t.Reason)
}

// limitedBy is why a transfer failed, or what slows it down.
func (p printer) limitedBy(failed, reason string) string {
	if failed != "" || reason == "" {
		return failed
	}
	return nameOf(p.texts, "slow.", reason)
}
