package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/web"
)

// linkFlags say what a link to the page allows, and for how long.
type linkFlags struct {
	allow []string
	life  time.Duration
}

func (f *linkFlags) add(cmd *cobra.Command, allow ...string) {
	cmd.Flags().StringSliceVar(&f.allow, "allow", allow, "")
	cmd.Flags().DurationVar(&f.life, "for", 0, "")
}

// scopes are the scopes of the link, and how long it lives.
func (f *linkFlags) scopes(a *app) (web.Scopes, time.Duration, error) {
	scopes, err := web.ParseScopes(f.allow)
	if err != nil {
		return 0, 0, err
	}
	life := f.life
	switch {
	case life == 0 && scopes == web.Read:
		life = web.ReadLife
	case life == 0:
		life = web.ActLife
	case life < 0 || life > web.MaxLife:
		return 0, 0, a.fail(pdx.ErrInvalid, "web.life", "most", a.texts.Duration(web.MaxLife))
	}
	return scopes, life, nil
}

func (a *app) webCommand() *cobra.Command {
	var flags linkFlags
	cmd := &cobra.Command{
		Use: "web", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := a.client(cmd.Context()); err != nil {
				return err
			}
			link, scopes, err := a.link(cmd.Context(), &flags)
			if err != nil {
				return err
			}
			return a.showLink(link, scopes)
		},
	}
	flags.add(cmd)
	return cmd
}

// link makes a link to the page of the running daemon, and tries it.
func (a *app) link(ctx context.Context, flags *linkFlags) (web.Link, web.Scopes, error) {
	scopes, life, err := flags.scopes(a)
	if err != nil {
		return web.Link{}, 0, err
	}
	owner, err := web.ReadOwner(a.home)
	if err != nil {
		return web.Link{}, 0, a.noPage(err)
	}
	link := owner.Link(scopes, life)
	if err := link.Check(ctx); err != nil {
		return web.Link{}, 0, a.noPage(err)
	}
	return link, scopes, nil
}

func (a *app) showLink(link web.Link, scopes web.Scopes) error {
	if a.json {
		return a.line(linkJSON(link, scopes, map[string]any{}))
	}
	_, err := fmt.Fprintln(a.out, link.URL())
	return err
}

// linkJSON adds to what a program is told.
func linkJSON(link web.Link, scopes web.Scopes, more map[string]any) map[string]any {
	more["url"], more["address"], more["token"], more["scopes"] = link.URL(), link.Base(), link.Token(), scopes.Names()
	return more
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
