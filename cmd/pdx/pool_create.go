package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	limits "github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// poolFlags are the flags of `pool create` that need reading.
type poolFlags struct {
	certify, ack, key, dispute, expiry time.Duration
	terms, schemas                     []string
	price, reward, duplicates          string
	asIs                               bool
}

func (a *app) poolCreateCommand() *cobra.Command {
	req, more := &nodepb.CreatePoolRequest{}, &poolFlags{}
	cmd := &cobra.Command{
		Use: "create CRITERIA", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.fillPool(req, more, args[0]); err != nil {
				return err
			}
			return a.createPool(cmd, req, more)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&req.Title, "title", "", "")
	flags.StringVar(&more.price, "price", "", "")
	flags.Uint64Var(&req.TargetCount, "count", 0, "")
	flags.StringSliceVar(&req.Validators, "validators", nil, "")
	flags.Uint32Var(&req.RequiredCertificates, "k", 1, "")
	flags.Uint32Var(&req.DrawCount, "draw", 0, "")
	flags.Uint64Var(&req.MaxDatasetBytes, "max-dataset", 0, "")
	flags.StringVar(&more.reward, "reward", "", "")
	flags.StringVar(&more.duplicates, "duplicates", duplicatesRefuse, "")
	flags.StringVar(&req.AckMode, "ack-mode", string(pdx.AckBuyer), "")
	flags.StringArrayVar(&more.terms, "term", nil, "")
	flags.BoolVar(&more.asIs, "as-is", false, "")
	flags.StringArrayVar(&more.schemas, "schema", nil, "")
	flags.DurationVar(&more.expiry, "expires-in", 30*24*time.Hour, "")
	flags.DurationVar(&more.certify, "certify-deadline", 0, "")
	flags.DurationVar(&more.ack, "ack-deadline", 0, "")
	flags.DurationVar(&more.key, "key-deadline", 0, "")
	flags.DurationVar(&more.dispute, "dispute-deadline", 0, "")
	flags.StringVar(&req.RequestId, "request-id", "", "")
	for _, name := range []string{"price", "count", "validators"} {
		_ = cmd.MarkFlagRequired(name)
	}
	dryRunFlag(cmd, "MsgCreatePool")
	yesFlag(cmd)
	return cmd
}

// fillPool reads the files and the flags into the request.
func (a *app) fillPool(req *nodepb.CreatePoolRequest, f *poolFlags, criteria string) (err error) {
	if req.Criteria, err = a.readJSON(a.t("file.criteria"), criteria, limits.MaxDocumentBytes); err != nil {
		return err
	}
	for _, name := range f.schemas {
		schema, err := a.readJSON(a.t("file.schema"), name, limits.MaxSchemaBytes)
		if err != nil {
			return err
		}
		req.Schemas = append(req.Schemas, schema)
	}
	if req.Terms, err = a.parseTerms(f.terms); err != nil {
		return err
	}
	if err := a.parseDuplicates(req, f.duplicates); err != nil {
		return err
	}
	seconds := func(d time.Duration) uint64 { return uint64(d / time.Second) }
	req.Deadlines = &nodepb.Deadlines{Certify: seconds(f.certify), Ack: seconds(f.ack), Key: seconds(f.key), Dispute: seconds(f.dispute)}
	req.ExpirySeconds = int64(f.expiry / time.Second)
	if req.RequestId == "" {
		req.RequestId = rand.Text()
	}
	return nil
}

func (a *app) createPool(cmd *cobra.Command, req *nodepb.CreatePoolRequest, more *poolFlags) error {
	price, err := pdx.ParseAmount(more.price)
	if err != nil {
		return a.badAmount("--price", more.price, err)
	}
	req.Price = api.FromAmount(price)
	escrow, err := price.Times(req.TargetCount)
	if err != nil {
		return a.fail(pdx.ErrInvalid, "pool.escrow_overflow", "price", price.MED(), "count", req.TargetCount)
	}
	if more.reward != "" {
		reward, err := pdx.ParseAmount(more.reward)
		if err != nil {
			return a.badAmount("--reward", more.reward, err)
		}
		req.VerdictReward = api.FromAmount(reward)
	}
	changes, err := upgradeCriteria(req, more.asIs)
	if err != nil {
		return err
	}
	if err := a.matchOverlap(cmd, req); err != nil {
		return err
	}
	for _, change := range changes {
		fmt.Fprintln(a.err, a.t("pool.criteria_changed", "change", change))
	}
	if !a.json {
		p := a.printer(a.err)
		p.proposal(req, more, escrow)
		p.veto(req)
	}
	if err := a.confirm(cmd, a.t("pool.create_question", "escrow", escrow.MED(), "n", req.TargetCount, "price", price.MED())); err != nil {
		return err
	}
	client, err := a.client(cmd.Context())
	if err != nil {
		return err
	}
	res, err := client.CreatePool(cmd.Context(), req)
	if err != nil {
		return err
	}
	return a.showWith(res.Pool, map[string]any{"criteria_changes": append([]string{}, changes...)}, func(p printer) {
		p.facts("criteria", res.Pool.CriteriaCid)
		p.say("pool.opened", "pool", res.Pool.Id, "escrow", med(res.Pool.Escrow))
		p.say("pool.then_pull", "command", a.verb(fmt.Sprintf("pull %d --out %s", res.Pool.Id, p.t("argument.folder"))))
	})
}

// proposal shows the pool that a request would open, before the question about the sum.
func (p printer) proposal(req *nodepb.CreatePoolRequest, more *poolFlags, total pdx.Amount) {
	pool := &nodepb.Pool{
		Title: req.Title, Criteria: req.Criteria, RequiredCertificates: req.RequiredCertificates, Validators: req.Validators,
		Terms: req.Terms, AckMode: req.AckMode, DrawCount: req.DrawCount, VerdictReward: req.VerdictReward,
		RefusesDuplicates: !req.AllowDuplicates, MaxOverlapPpm: req.MaxOverlapPpm,
	}
	reward := p.t("pool.reward_default")
	if pool.VerdictReward != nil {
		reward = p.reward(pool)
	}
	p.facts(slices.Concat([]string{
		"title", pool.Title,
		"price", med(req.Price),
		"escrow", p.t("pool.total", "escrow", total.MED(), "n", req.TargetCount),
		"validators", p.judges(pool) + ": " + strings.Join(pool.Validators, ", "),
		"reward", reward,
		"duplicates", p.duplicates(pool),
		"acks", p.acks(pool),
		"deadlines", p.deadlines(req.Deadlines),
		"expiry", when(time.Now().Add(more.expiry)),
	}, p.terms(pool), p.wanted(pool))...)
}

// veto says how few validators can stop a dataset, by a rejection or by silence, where that is
// fewer than must accept it: a buyer may want that, and should know.
func (p printer) veto(req *nodepb.CreatePoolRequest) {
	judges := len(req.Validators)
	if req.DrawCount > 0 {
		judges = int(req.DrawCount)
	}
	k := int(req.RequiredCertificates)
	if stop := judges - k + 1; 2*k > judges && k <= judges && judges > 1 {
		p.say("pool.veto", "n", stop, "k", k, "judges", judges, "half", judges/2)
	}
}

// upgradeCriteria makes the criteria of a request what a new pool should publish,
// unless they are to stay as they are, and says what it changed.
func upgradeCriteria(req *nodepb.CreatePoolRequest, asIs bool) (changes []string, err error) {
	if !asIs {
		if req.Criteria, changes, err = limits.Upgrade(req.Criteria); err != nil {
			return nil, err
		}
	}
	return changes, checkCriteria(req)
}

// checkCriteria refuses criteria that no new pool may have, before a person reads
// further or is asked. The daemon looks again; it may know schemas that are not in the
// request.
func checkCriteria(req *nodepb.CreatePoolRequest) error {
	doc, err := limits.Parse(req.Criteria)
	if err == nil {
		_, err = limits.NewChecker(doc, limits.Bundle(req.Schemas...), limits.ForNewPool())
	}
	if errors.Is(err, pdx.ErrNotFound) {
		return nil
	}
	return err
}
