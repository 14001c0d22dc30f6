package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func (a *app) transferWatchCommand() *cobra.Command {
	return &cobra.Command{
		Use: "watch", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			stream, err := client.WatchTransfers(cmd.Context(), &nodepb.WatchTransfersRequest{})
			if err != nil {
				return api.FromStatus(err)
			}
			defer stream.Close()
			var page screen
			for stream.Receive() {
				if err := a.showTransfers(&page, stream.Msg()); err != nil {
					return err
				}
			}
			if cmd.Context().Err() != nil { // it was Ctrl-C, as was said
				return nil
			}
			return a.streamEnd(cmd.Context(), stream.Err())
		},
	}
}

func (a *app) showTransfers(page *screen, now *nodepb.WatchTransfersResponse) error {
	if a.json {
		return a.step(now, "")
	}
	var text bytes.Buffer
	a.printer(&text).transfers(now.Transfers)
	_, err := a.out.Write(page.next(text.Bytes(), isTerminal(a.out)))
	return err
}

// screen replaces what it showed last by what is there now.
type screen struct{ lines int }

// next is text, and on a terminal before it what takes the last text away.
func (s *screen) next(text []byte, terminal bool) []byte {
	if !terminal {
		return append(text, '\n')
	}
	var out []byte
	if s.lines > 0 {
		out = fmt.Appendf(out, "\x1b[%dA\x1b[J", s.lines) // up, and clear to the end of the screen
	}
	s.lines = bytes.Count(text, []byte("\n"))
	return append(out, text...)
}
