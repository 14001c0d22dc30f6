package main

import (
	"bytes"
	"fmt"
	"io"

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
			var page transferPage
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

func (a *app) showTransfers(page *transferPage, now *nodepb.WatchTransfersResponse) error {
	if a.json {
		return a.step(now, "")
	}
	var text bytes.Buffer
	a.printer(&text).transfers(now.Transfers)
	if !isTerminal(a.out) {
		_, err := fmt.Fprintln(a.out, text.String())
		return err
	}
	if _, err := io.WriteString(raw(a.out), page.replaced(text.Bytes())); err != nil {
		return err
	}
	_, err := a.out.Write(text.Bytes())
	return err
}

// transferPage replaces what it showed last by what is there now.
type transferPage struct{ lines int }

// replaced is what takes the last text away on a terminal: up, and clear to the end of
// the screen. next is what will stand there then.
func (s *transferPage) replaced(next []byte) string {
	last := s.lines
	if s.lines = bytes.Count(next, []byte("\n")); last == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\x1b[J", last)
}
