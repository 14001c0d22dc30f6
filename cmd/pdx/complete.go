package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// completePatience is how long a shell waits for names that only the daemon knows.
const completePatience = 2 * time.Second

// words are values of a flag that there are only a few of.
func words[T ~string](all ...T) []string {
	list := make([]string, len(all))
	for i, word := range all {
		list[i] = string(word)
	}
	return list
}

// flagWords are the flags with few values, by the verb's command line and the flag.
func flagWords() map[string][]string {
	media := append(criteria.Formats().MediaTypes(), criteria.Folder)
	return map[string][]string{
		"pdx pool list --status":     words(pdx.PoolOpen, pdx.PoolClosed, pdx.PoolExpired, pdx.PoolFilled),
		"pdx pool list --media-type": media,
		"pdx data add --media-type":  media,
		"pdx pool create --ack-mode": words(pdx.AckBuyer, pdx.AckQuorum),
		"pdx deal list --state": words(pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal,
			pdx.DealLapsed, pdx.DealUnacked, pdx.DealUndelivered, pdx.DealFraud),
		"pdx init --roles":  words(pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator),
		"pdx sample --kind": words(sample.Patient, sample.Observation),
	}
}

// argument says how the daemon completes one argument of a verb.
type argument func(ctx context.Context, client api.Client) []string

// argumentWords are the arguments that the daemon knows, by the verb's command line.
var argumentWords = map[string][]argument{
	"pdx sell":       {openPools, dataNames},
	"pdx pull":       {ownPools},
	"pdx pool show":  {openPools},
	"pdx pool close": {ownPools},
	"pdx data show":  {dataNames},
	"pdx data rm":    {dataNames},
}

// takesFiles are the verbs whose arguments are files.
var takesFiles = []string{"pdx data add", "pdx pool create", "pdx backup", "pdx restore"}

// complete gives each verb what a shell offers for its flags and arguments. Without it, shells
// offer files.
func (a *app) complete(cmd *cobra.Command) {
	path := cmd.CommandPath()
	for key, list := range flagWords() {
		if flag, ok := strings.CutPrefix(key, path+" --"); ok {
			_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	if arguments := argumentWords[path]; arguments != nil {
		cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return a.known(cmd.Context(), arguments, len(args)), cobra.ShellCompDirectiveNoFileComp
		}
	} else if cmd.ValidArgsFunction == nil && cmd.Runnable() && !cmd.HasSubCommands() && !cmd.DisableFlagParsing && !slices.Contains(takesFiles, path) {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		a.complete(sub)
	}
}

// known asks the daemon, if it runs, for what can stand in an argument.
func (a *app) known(ctx context.Context, arguments []argument, at int) []string {
	if at >= len(arguments) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, completePatience)
	defer cancel()
	home, err := absolute(a.home)
	if err != nil {
		return nil
	}
	a.home = home
	client, err := a.client(ctx)
	if err != nil {
		return nil // a shell has no place for an error
	}
	return arguments[at](ctx, client)
}

func dataNames(ctx context.Context, client api.Client) (names []string) {
	res, err := client.ListData(ctx, &nodepb.ListDataRequest{})
	if err != nil {
		return nil
	}
	for _, d := range res.Data {
		names = append(names, clean(d.Name))
	}
	return names
}

func openPools(ctx context.Context, client api.Client) []string {
	return poolIDs(ctx, client, &nodepb.ListPoolsRequest{Status: string(pdx.PoolOpen)})
}

func ownPools(ctx context.Context, client api.Client) []string {
	st, err := client.Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return nil
	}
	return poolIDs(ctx, client, &nodepb.ListPoolsRequest{Buyer: st.Account})
}

// poolIDs are numbers of pools; a shell shows what stands behind the tab beside them.
func poolIDs(ctx context.Context, client api.Client, req *nodepb.ListPoolsRequest) (ids []string) {
	res, err := client.ListPools(ctx, req)
	if err != nil {
		return nil
	}
	for _, p := range res.Pools {
		ids = append(ids, strconv.FormatUint(p.Id, 10)+"\t"+clean(p.Title))
	}
	return ids
}
