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
		Use: "perf PEER", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := humanize.ParseBytes(size)
			if err != nil || n == 0 || n > perf.MaxBytes {
				return a.fail(errUsage, "perf.bad_size", "size", size, "limit", bytesText(perf.MaxBytes))
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
	cmd.Flags().StringVar(&size, "bytes", "64MiB", "")
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
	return v.app.step(m, v.app.printer(v.app.out).perf(m))
}

func (v *perfView) move(m *nodepb.PerfResponse) {
	if v.bar == nil {
		v.bar = progressbar.NewOptions64(int64(v.size), progressbar.OptionSetWriter(v.app.err),
			progressbar.OptionSetDescription(nameOf(v.app.texts, "direction.", m.Direction)), progressbar.OptionShowBytes(true),
			progressbar.OptionUseIECUnits(true), progressbar.OptionSetWidth(barWidth))
	}
	_ = v.bar.Set64(int64(m.Bytes))
}

func (p printer) perf(m *nodepb.PerfResponse) string {
	took := max(microseconds(m.TookUs), time.Microsecond)
	direction := fmt.Sprintf("%-4s", nameOf(p.texts, "direction.", m.Direction))
	return p.t("perf.done", "direction", direction, "size", bytesText(m.Bytes), "took", took,
		"rate", rateText(float64(m.Bytes)/took.Seconds()), "path", p.path(m.Peer), "transport", m.Peer.Transport)
}
