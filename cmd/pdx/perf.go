package main

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/transfer/perf"
)

func (a *app) perfCommand() *cobra.Command {
	var size string
	cmd := &cobra.Command{
		Use: "perf PEER", Short: "Measure what the path to a peer carries", Args: exactly(1),
		Long: `Measure what the path to a peer carries each way, with its encryption and without
disks and hashing, so that a slow pull can be told from a slow path: over as many
connections and streams as a pull from the peer would have. A path that is long and
fast needs many bytes until it is full: --bytes 256MiB. The peer is named as for
'pdx ping'; it answers those whose account it knows, now and then, and for 10
seconds each way at most. It may let in fewer streams: then fewer bytes are measured.`,
		Example: "  pdx perf 12D3KooW…\n  pdx perf panacea1… --bytes 256MiB --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := humanize.ParseBytes(size)
			if err != nil || n == 0 || n > perf.MaxBytes {
				return usagef("--bytes %q: give a size such as 64MiB, at most %s", size, bytesText(perf.MaxBytes))
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			stream, err := client.Perf(cmd.Context(), &nodepb.PerfRequest{Peer: args[0], Up: n, Down: n})
			if err != nil {
				return api.FromStatus(err)
			}
			defer stream.Close()
			view := perfView{app: a, size: n}
			for stream.Receive() {
				if err := view.show(stream.Msg()); err != nil {
					return err
				}
			}
			return api.FromStatus(stream.Err())
		},
	}
	cmd.Flags().StringVar(&size, "bytes", "64MiB", "how much to send and to receive, 256MiB at most")
	return cmd
}

// perfView shows one direction after the other: a bar while it runs, on a
// terminal only, and a line at its end.
type perfView struct {
	app  *app
	size uint64
	bar  *progressbar.ProgressBar
}

func (v *perfView) show(m *nodepb.PerfResponse) error {
	if v.app.json {
		return v.app.step(m, "")
	}
	if !m.Done {
		if isTerminal(v.app.err) {
			v.move(m)
		}
		return nil
	}
	if v.bar != nil {
		_ = v.bar.Clear()
		v.bar = nil
	}
	return v.app.step(m, perfText(m))
}

func (v *perfView) move(m *nodepb.PerfResponse) {
	if v.bar == nil {
		v.bar = progressbar.NewOptions64(int64(v.size), progressbar.OptionSetWriter(v.app.err),
			progressbar.OptionSetDescription(m.Direction), progressbar.OptionShowBytes(true),
			progressbar.OptionUseIECUnits(true), progressbar.OptionSetWidth(barWidth))
	}
	_ = v.bar.Set64(int64(m.Bytes))
}

func perfText(m *nodepb.PerfResponse) string {
	took := max(microseconds(m.TookUs), time.Microsecond)
	return fmt.Sprintf("%-4s  %s in %v, %s  (%s, %s)", m.Direction, bytesText(m.Bytes), took, rateText(float64(m.Bytes)/took.Seconds()), wayOf(m.Peer), m.Peer.Transport)
}
