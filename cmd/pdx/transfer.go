package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/transfer"
)

func (a *app) transferCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "transfer", Short: "See which blobs move, by which way, how fast, and why not faster", Args: unknownVerb,
		Long: `See the blobs that this node pulls and serves: with whom, at which address, direct
or relayed, over what, the round trip, the rate, what was verified, asked again or
came twice, and what holds a transfer up. 'pdx ping' and 'pdx perf' measure the
path itself.`,
		Example: "  pdx transfer list\n  pdx transfer watch",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.transferListCommand(), a.transferWatchCommand())
	return cmd
}

func (a *app) transferListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the transfers under way and the last that ended", Args: exactly(0),
		Example: "  pdx transfer list\n  pdx transfer list --json | jq .transfers[].rate",
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.ListTransfers(cmd.Context(), &nodepb.ListTransfersRequest{})
			if err != nil {
				return err
			}
			return a.show(res, func(w io.Writer) { printTransfers(w, res.Transfers) })
		},
	}
}

func printTransfers(w io.Writer, transfers []*nodepb.Transfer) {
	list := newRows("ID", "", "CID", "DONE", "RATE", "PEER", "WAY", "RTT", "AGAIN", "")
	for _, t := range transfers {
		list.add(fmt.Sprint(t.Id), t.Direction, blobText(t), doneText(t), rateText(t.Rate), "", "", "", "", transferNote(t))
		for _, r := range t.Routes {
			list.add("", "", "", bytesText(r.Bytes), rateText(r.Rate), short(r.PeerId), routeWay(r), rttText(r.RttUs), againText(r), routeNote(r))
		}
	}
	list.print(w, "No blob has moved yet.")
}

// blobText is which blob moves, or how many small ones.
func blobText(t *nodepb.Transfer) string {
	switch {
	case t.Blobs > 0:
		return fmt.Sprintf("%d of %d blobs", t.BlobsHeld, t.Blobs)
	case t.BlobsHeld > 0:
		return fmt.Sprintf("%d blobs", t.BlobsHeld)
	}
	return short(t.Cid)
}

func doneText(t *nodepb.Transfer) string {
	if t.Blobs > 0 { // what has come is all that is known of their sizes
		return bytesText(t.Held)
	}
	if t.Size == 0 || t.Direction == string(transfer.Serving) {
		return bytesText(t.Held)
	}
	return fmt.Sprintf("%s of %s, %d %%", bytesText(t.Held), bytesText(t.Size), 100*t.Held/t.Size)
}

func rttText(us int64) string {
	if us <= 0 {
		return "-"
	}
	return microseconds(us).Round(10 * time.Microsecond).String()
}

func routeWay(r *nodepb.Route) string {
	way := "direct"
	switch {
	case r.Address == "":
		return "-"
	case r.Relayed:
		way = "relayed"
	}
	return fmt.Sprintf("%s, %s ×%d, %s", way, r.Transport, r.Connections, r.Address)
}

// againText is what came in vain, and what had to be asked again.
func againText(r *nodepb.Route) string {
	if r.Again == 0 && r.Retries == 0 {
		return "-"
	}
	return fmt.Sprintf("%s, %d tries", bytesText(r.Again), r.Retries)
}

// slow says what each reason means to a person.
var slow = map[transfer.Reason]string{
	transfer.ReasonConnecting: "connecting",
	transfer.ReasonChecking:   "this machine's cores are busy checking",
	transfer.ReasonWriting:    "this machine's disk is busy writing",
	transfer.ReasonBusy:       "the peer serves others first",
	transfer.ReasonRetrying:   "the peer failed and is asked again",
	transfer.ReasonStalled:    "the peer sends nothing",
	transfer.ReasonQueued:     "this machine serves others first",
	transfer.ReasonLimited:    "your upload limit",
	transfer.ReasonReader:     "the peer takes no more",
}

func transferNote(t *nodepb.Transfer) string {
	switch {
	case t.Error != "":
		return t.Error
	case t.Ended != nil:
		return "done in " + t.Ended.AsTime().Sub(t.Started.AsTime()).Round(time.Millisecond).String()
	}
	return slow[transfer.Reason(t.Reason)]
}

func routeNote(r *nodepb.Route) string {
	if r.Error != "" {
		return r.Error
	}
	return slow[transfer.Reason(r.Reason)]
}
