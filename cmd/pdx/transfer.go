package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/transfer/activity"
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

// transfers prints a line for each transfer, and below it one for each peer.
func (p printer) transfers(transfers []*nodepb.Transfer) {
	if len(transfers) == 0 {
		p.say("transfer.none")
	}
	for _, t := range transfers {
		parts := []string{
			p.t("transfer.line", "id", t.Id, "direction", nameOf(p.texts, "direction.", t.Direction), "blob", p.blob(t), "done", p.done(t)),
		}
		if t.Rate > 0 {
			parts = append(parts, rateText(t.Rate))
		}
		if note := p.transferNote(t); note != "" {
			parts = append(parts, clean(note))
		}
		printFolded(p.w, strings.Join(parts, ", "), foldIndent)
		for _, r := range t.Routes {
			printFolded(p.w, strings.Repeat(" ", foldIndent)+p.route(r), 2*foldIndent)
		}
	}
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
	if t.Blobs > 0 || t.Size == 0 || t.Direction == string(activity.Serving) {
		return bytesText(t.Held)
	}
	return p.t("transfer.part", "held", bytesText(t.Held), "size", bytesText(t.Size), "percent", 100*t.Held/t.Size)
}

// route says what a transfer has with one peer.
func (p printer) route(r *nodepb.Route) string {
	parts := []string{p.t("transfer.route", "peer", short(r.PeerId), "done", bytesText(r.Bytes))}
	if r.Rate > 0 {
		parts = append(parts, rateText(r.Rate))
	}
	if r.Address != "" {
		parts = append(parts, p.t("transfer.path", "path", p.path(&nodepb.Peer{Relayed: r.Relayed}), "transport", r.Transport,
			"connections", p.t("count.connections", "n", r.Connections), "address", r.Address))
	}
	if r.RttUs > 0 {
		parts = append(parts, p.t("transfer.rtt", "rtt", microseconds(r.RttUs).Round(10*time.Microsecond)))
	}
	if r.Again > 0 || r.Retries > 0 {
		parts = append(parts, p.t("transfer.again", "size", bytesText(r.Again), "retries", p.t("count.retries", "n", r.Retries)))
	}
	if why := p.limitedBy(r.Error, r.Reason); why != "" {
		parts = append(parts, clean(why))
	}
	return strings.Join(parts, ", ")
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
