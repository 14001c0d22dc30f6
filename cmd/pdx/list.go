package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx/node/api"
)

// listFlags select a part of a list of this node.
type listFlags struct {
	limit  uint32
	cursor string
	all    bool
	oldest bool
}

func (l *listFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Uint32Var(&l.limit, "limit", 0, "")
	flags.StringVar(&l.cursor, "cursor", "", "")
	flags.BoolVar(&l.all, "all", false, "")
}

// addOrder adds the flag of a list that is newest first.
func (l *listFlags) addOrder(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&l.oldest, "oldest-first", false, "")
}

// pageOrAll reads the page that the flags ask for, or with --all the rest of the list.
func pageOrAll[Req, Res any](
	ctx context.Context, a *app, l *listFlags, client api.Client, req Req,
	page func(context.Context, Req) (Res, error), all func(context.Context, api.Client, Req) (Res, error),
) (res Res, err error) {
	switch {
	case l.all && l.limit > 0:
		return res, a.fail(errUsage, "list.all_or_limit")
	case l.all:
		return all(ctx, client, req)
	}
	return page(ctx, req)
}
