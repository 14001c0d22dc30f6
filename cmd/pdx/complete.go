package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/importer"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
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

// placeOf is the key of a verb, or of its flag, in what follows: its words with slashes.
func placeOf(cmd *cobra.Command, flag ...string) string {
	return strings.Join(append(strings.Fields(cmd.CommandPath())[1:], flag...), "/")
}

// flagWords are the flags with few values, by place.
func flagWords() map[string][]string {
	media := append(criteria.Formats().MediaTypes(), criteria.Folder)
	return map[string][]string{
		"pool/list/status":     words(pdx.PoolOpen, pdx.PoolClosed, pdx.PoolExpired, pdx.PoolFilled),
		"pool/list/media-type": media,
		"data/add/media-type":  media,
		"pool/create/ack-mode": words(pdx.AckBuyer, pdx.AckQuorum),
		"deal/list/state": words(pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal,
			pdx.DealLapsed, pdx.DealUnacked, pdx.DealUndelivered, pdx.DealFraud),
		"logs/level":   {"debug", "info", "warn", "error"},
		"init/network": networks(),
		"init/roles":   words(pdx.RoleSeller, pdx.RoleBuyer, pdx.RoleValidator),
		"sample/kind":  words(sample.Patient, sample.Observation),

		"open/format": words(model.PlainNDJSON, model.PlainCSV, model.PlainParquet),

		"criteria/new/media-type": criteria.Formats().MediaTypes(),
		"criteria/import/from":    words(importer.ODCS, importer.Frictionless),

		"earnings/by":         words(model.ByDay, model.ByMonth, model.ByDeal),
		"consent/export/form": {formJSON, formText, formFHIR},
	}
}

// argument says how the daemon completes one argument of a verb.
type argument func(ctx context.Context, client api.Client) []string

// argumentWords are the arguments that the daemon knows, by the verb's place.
var argumentWords = map[string][]argument{
	"sell":       {openPools, dataNames},
	"pull":       {ownPools},
	"open":       {ownPools},
	"pool/show":  {openPools},
	"pool/close": {ownPools},
	"data/show":  {dataNames},
	"data/rm":    {dataNames},

	"deal/show":      {newestDeals},
	"deal/challenge": {ownDeals},
	"receipt/save":   {newestDeals}, // and then a file
	"sales/cancel":   {offeredSales},
	"validator/show": {validators},
}

// flagArguments are the flags whose values the daemon knows, by place.
var flagArguments = map[string]argument{
	"deal/list/pool":         openPools,
	"deal/list/validator":    validators,
	"pool/create/validators": validators,
}

// maxOffered is how many deals a shell is offered.
const maxOffered = 50

// takesFiles are the verbs whose arguments are files.
var takesFiles = []string{
	"data/add", "man", "pool/create", "backup", "restore", "receipt/save", "receipt/verify", "consent/export", "consent/verify",
	"criteria/check", "criteria/explain", "criteria/test", "criteria/import",
}

// complete gives each verb what a shell offers for its flags and arguments. Without it, shells
// offer files.
func (a *app) complete(cmd *cobra.Command) {
	known := flagWords()
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if list := known[placeOf(cmd, flag.Name)]; list != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag.Name, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp))
		} else if values := flagArguments[placeOf(cmd, flag.Name)]; values != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag.Name, a.offersValue(values))
		}
	})
	path := placeOf(cmd)
	if arguments := argumentWords[path]; arguments != nil {
		cmd.ValidArgsFunction = a.offers(arguments)
	} else if cmd.ValidArgsFunction == nil && cmd.Runnable() && !cmd.HasSubCommands() && !cmd.DisableFlagParsing &&
		!slices.Contains(takesFiles, path) {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		a.complete(sub)
	}
}

// offers is what a shell calls for arguments that the daemon knows.
func (a *app) offers(arguments []argument) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(arguments) && slices.Contains(takesFiles, placeOf(cmd)) {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return a.known(cmd.Context(), arguments, len(args)), cobra.ShellCompDirectiveNoFileComp
	}
}

// offersValue is what a shell calls for the value of a flag that the daemon knows.
func (a *app) offersValue(values argument) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return a.known(cmd.Context(), []argument{values}, 0), cobra.ShellCompDirectiveNoFileComp
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

// newestDeals are the newest deals of everybody.
func newestDeals(ctx context.Context, client api.Client) []string {
	return dealIDs(ctx, client, &nodepb.ListDealsRequest{Reverse: true, Limit: maxOffered})
}

// ownDeals are the newest deals that this node's account buys.
func ownDeals(ctx context.Context, client api.Client) []string {
	st, err := client.Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return nil
	}
	return dealIDs(ctx, client, &nodepb.ListDealsRequest{Buyer: st.Account, Reverse: true, Limit: maxOffered})
}

func dealIDs(ctx context.Context, client api.Client, req *nodepb.ListDealsRequest) (ids []string) {
	res, err := client.ListDeals(ctx, req)
	if err != nil {
		return nil
	}
	for _, d := range res.Deals {
		ids = append(ids, strconv.FormatUint(d.Id, 10)+"\t"+clean(d.State))
	}
	return ids
}

// offeredSales are the deals of sales that wait for a verdict.
func offeredSales(ctx context.Context, client api.Client) (ids []string) {
	res, err := client.ListSales(ctx, &nodepb.ListSalesRequest{Reverse: true, Limit: maxOffered})
	if err != nil {
		return nil
	}
	for _, s := range res.Sales {
		if s.State == string(pdx.DealOffered) {
			ids = append(ids, strconv.FormatUint(s.DealId, 10)+"\t"+clean(s.DataName))
		}
	}
	return ids
}

func validators(ctx context.Context, client api.Client) (addresses []string) {
	res, err := client.ListValidators(ctx, &nodepb.ListValidatorsRequest{})
	if err != nil {
		return nil
	}
	for _, v := range res.Validators {
		addresses = append(addresses, clean(v.Address)+"\t"+clean(v.Moniker))
	}
	return addresses
}
