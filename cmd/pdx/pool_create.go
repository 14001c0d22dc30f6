package main

import (
	"crypto/rand"
	"fmt"
	"io"
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
	price                              string
	asIs                               bool
}

func (a *app) poolCreateCommand() *cobra.Command {
	req, more := &nodepb.CreatePoolRequest{}, &poolFlags{}
	cmd := &cobra.Command{
		Use: "create CRITERIA", Short: "Open a pool from a criteria file; its escrow leaves your account", Args: exactly(1),
		Long: `Open a pool: CRITERIA is a JSON file that says what data are wanted
(docs/spec/criteria.md). Price × count moves into escrow; what is not used comes
back when the pool is closed or expires.

The criteria are published as version 2, with the greatest size of a record
written out (1 MiB unless the file says otherwise), and the command says what
that changed. --as-is publishes the bytes of the file.`,
		Example: "  pdx pool create criteria.json --title 'Blood pressure, adults' --price 10MED --count 100 --validators panacea1…,panacea1… --k 2\n" +
			"  pdx pool create criteria.json --price 5MED --count 10 --validators panacea1…,panacea1…,panacea1… --draw 2 --k 2 --ack-mode quorum\n" +
			"  pdx pool create criteria.json --price 5MED --count 1 --validators panacea1… --term 'required:Research only:No resale, no re-identification'",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := more.fill(req, args[0]); err != nil {
				return err
			}
			return a.createPool(cmd, req, more)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&req.Title, "title", "", "a line for people (default: the criteria's title)")
	flags.StringVar(&more.price, "price", "", "price of one dataset, like 10MED or 10000000umed")
	flags.Uint64Var(&req.TargetCount, "count", 0, "how many datasets are wanted")
	flags.StringSliceVar(&req.Validators, "validators", nil, "accounts of the validators that you trust")
	flags.Uint32Var(&req.RequiredCertificates, "k", 1, "how many of them must accept a dataset")
	flags.Uint32Var(&req.DrawCount, "draw", 0, "draw so many of them by lot for each dataset (0: all that its seller accepts may certify)")
	flags.StringVar(&req.AckMode, "ack-mode", string(pdx.AckBuyer),
		"who acknowledges a ciphertext: buyer, or quorum: after the ack deadline, --k validators that promise to serve it stand in for you")
	flags.StringArrayVar(&more.terms, "term", nil, "a term of the agreement, 'required:TITLE:TEXT' or 'optional:TITLE:TEXT'; repeat")
	flags.BoolVar(&more.asIs, "as-is", false, "publish the criteria file byte for byte, also if it is of an old version or bounds no record")
	flags.StringArrayVar(&more.schemas, "schema", nil, "file of a JSON Schema that the criteria name by CID; repeat")
	flags.DurationVar(&more.expiry, "expires-in", 30*24*time.Hour, "the pool takes offers for so long")
	flags.DurationVar(&more.certify, "certify-deadline", 0, "from offer to certification (0: the chain's)")
	flags.DurationVar(&more.ack, "ack-deadline", 0, "from certification to your ack, before the stretch for size")
	flags.DurationVar(&more.key, "key-deadline", 0, "from your ack to the delivery")
	flags.DurationVar(&more.dispute, "dispute-deadline", 0, "from the delivery to the payment, before the stretch for size")
	flags.StringVar(&req.RequestId, "request-id", "", "repeat a call with the same id and it opens one pool only")
	for _, name := range []string{"price", "count", "validators"} {
		_ = cmd.MarkFlagRequired(name)
	}
	yesFlag(cmd)
	return cmd
}

// fill reads the files and the flags into the request.
func (f *poolFlags) fill(req *nodepb.CreatePoolRequest, criteria string) (err error) {
	if req.Criteria, err = readJSON("criteria", criteria, limits.MaxDocumentBytes); err != nil {
		return err
	}
	for _, name := range f.schemas {
		schema, err := readJSON("schema", name, limits.MaxSchemaBytes)
		if err != nil {
			return err
		}
		req.Schemas = append(req.Schemas, schema)
	}
	if req.Terms, err = parseTerms(f.terms); err != nil {
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
		return fmt.Errorf("--price: %w", err)
	}
	req.Price = api.FromAmount(price)
	escrow, err := price.Times(req.TargetCount)
	if err != nil {
		return fmt.Errorf("--price × --count: %w", err)
	}
	changes, err := upgradeCriteria(req, more.asIs)
	if err != nil {
		return err
	}
	for _, change := range changes {
		fmt.Fprintf(a.err, "Published criteria differ from the file: %s.\n", change)
	}
	if err := a.confirm(cmd, fmt.Sprintf("Move %s into escrow for %d dataset(s) at %s each?", escrow.MED(), req.TargetCount, price.MED())); err != nil {
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
	return a.showWith(res.Pool, map[string]any{"criteria_changes": append([]string{}, changes...)}, func(w io.Writer) {
		fmt.Fprintf(w, "criteria %s\n", res.Pool.CriteriaCid)
		fmt.Fprintf(w, "pool %d is open; %s are in escrow\nPull what is sold into it: %s\n",
			res.Pool.Id, med(res.Pool.Escrow), a.verb(fmt.Sprintf("pull %d --out FOLDER", res.Pool.Id)))
	})
}

// upgradeCriteria makes the criteria of a request what a new pool should publish,
// unless they are to stay as they are, and says what it changed.
func upgradeCriteria(req *nodepb.CreatePoolRequest, asIs bool) (changes []string, err error) {
	if asIs {
		return nil, nil
	}
	req.Criteria, changes, err = limits.Upgrade(req.Criteria)
	return changes, err
}
