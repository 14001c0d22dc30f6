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
		Use: "web", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.web(cmd) },
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
		return a.fail(pdx.ErrWrongState, "web.off", "file", config.File(a.home))
	case errors.Is(err, pdx.ErrNotFound):
		return a.fail(pdx.ErrWrongState, "web.not_served", "address", cfg.API.Web)
	}
	return a.fail(err, "web.silent", "cause", err)
}
