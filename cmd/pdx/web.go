package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/web"
)

func (a *app) webCommand() *cobra.Command {
	return &cobra.Command{
		Use: "web", Short: "Print the link to this node's page for the browser", Args: exactly(0),
		Long: `Print the link to the marketplace page of the running node: its state, pools,
deals, sales and pulls, live. The page shows and changes nothing.

The link holds a token: who has it, and can reach this machine's loopback, reads
what you can read. It is another one at each start of the daemon. The page is
off until config.yaml says where it is: api: {web: "127.0.0.1:8780"}`,
		Example: "  pdx web\n  xdg-open \"$(pdx web)\"\n  pdx web --json | jq -r .token",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.web(cmd) },
	}
}

func (a *app) web(cmd *cobra.Command) error {
	if _, err := a.client(cmd.Context()); err != nil {
		return err
	}
	link, err := web.ReadLink(a.home)
	if err == nil {
		err = link.Check(cmd.Context())
	}
	if err != nil {
		return a.noPage(err)
	}
	if a.json {
		return a.line(map[string]string{"url": link.URL(), "address": link.Base(), "token": link.Token()})
	}
	_, err = fmt.Fprintln(a.out, link.URL())
	return err
}

// noPage says how to get a page where a link is missing, or left by a daemon that
// was killed.
func (a *app) noPage(err error) error {
	cfg, failed := config.Load(a.home)
	switch {
	case failed != nil:
		return failed
	case cfg.API.Web == "":
		return fmt.Errorf("the page is off: %w: set api: {web: \"127.0.0.1:8780\"} in %s and restart the daemon", pdx.ErrWrongState, config.File(a.home))
	case errors.Is(err, pdx.ErrNotFound):
		return fmt.Errorf("the page is set to %s and the daemon runs without it: %w: restart the daemon", cfg.API.Web, pdx.ErrWrongState)
	}
	return fmt.Errorf("the page does not answer; restart the daemon: %w", err)
}
