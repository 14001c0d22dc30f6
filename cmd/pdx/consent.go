package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/receipt"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/consent"
)

func (a *app) consentsCommand() *cobra.Command {
	req, list := &nodepb.ListConsentsRequest{}, &listFlags{}
	cmd := &cobra.Command{
		Use: "consents", Args: a.exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			asCSV, err := a.wantsCSV(cmd)
			if err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			req.Limit, req.Cursor, req.Reverse = list.limit, list.cursor, !list.oldest
			res, err := pageOrAll(cmd.Context(), a, list, client, req, client.ListConsents, api.AllConsents)
			if err != nil {
				return err
			}
			if asCSV {
				return consentsCSV(res).print(a)
			}
			return a.show(res, func(p printer) { p.consents(res) })
		},
	}
	list.add(cmd)
	list.addOrder(cmd)
	csvFlag(cmd)
	return cmd
}

func (p printer) consents(res *nodepb.ListConsentsResponse) {
	list := p.rows("deal", "date", "buyer", "state", "price", "net", "agreed", "until", "title")
	for _, c := range res.Consents {
		state := p.state(c.State)
		if c.Withdrawn != nil {
			state = p.t("consent.withdrawn_state", "state", state)
		}
		until := c.Until
		if until == "" {
			until = "-"
		}
		list.add(fmt.Sprint(c.DealId), day(c.AgreedAt.AsTime()), short(c.Buyer), state, med(c.Price), signed(c.Money), agreedIDs(c.Agreed),
			until, c.Title)
	}
	p.table(list, "consent.none")
	p.more(res.NextCursor)
}

func consentsCSV(res *nodepb.ListConsentsResponse) *csvTable {
	table := newCSV(slices.Concat([]string{
		"deal", "agreed_at", "pool", "buyer", "state", "title", "fields", "agreed", "purposes", "until", "withdrawn", "terms_hash", "price_umed",
	}, moneyColumns)...)
	for _, c := range res.Consents {
		table.add(slices.Concat([]any{
			c.DealId, c.AgreedAt, c.PoolId, c.Buyer, c.State, c.Title, strings.Join(c.Fields, " "), strings.Trim(fmt.Sprint(c.Agreed), "[]"),
			strings.Join(c.Purposes, " "), c.Until, c.Withdrawn, c.TermsHash, c.Price,
		}, moneyCells(c.Money))...)
	}
	return table
}

func (a *app) consentCommand() *cobra.Command {
	return a.group("consent",
		a.consentShowCommand(), a.consentExportCommand(), a.consentVerifyCommand(), a.consentWithdrawCommand())
}

// consentOf reads the signed record of a deal's agreement from the daemon.
func (a *app) consentOf(ctx context.Context, deal string, receipt bool) (document consent.Document, text []byte, err error) {
	id, err := pdx.ParseDealID(deal)
	if err != nil {
		return document, nil, err
	}
	client, err := a.client(ctx)
	if err != nil {
		return document, nil, err
	}
	res, err := client.GetConsent(ctx, &nodepb.GetConsentRequest{DealId: uint64(id), Receipt: receipt})
	if err != nil {
		return document, nil, err
	}
	document, err = consent.Parse(bytes.NewReader(res.Document))
	return document, res.Document, err
}

func (a *app) consentShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			document, _, err := a.consentOf(cmd.Context(), args[0], false)
			if err != nil {
				return err
			}
			if a.json {
				return a.line(document)
			}
			a.printer(a.out).consent(document)
			return nil
		},
	}
}

// The forms in which a consent is exported.
const (
	formJSON = "json"
	formText = "text"
	formFHIR = "fhir"
)

func (a *app) consentExportCommand() *cobra.Command {
	form, noReceipt := "", false
	cmd := &cobra.Command{
		Use: "export DEAL FILE", Args: a.exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{formJSON, formText, formFHIR}, form) {
				return a.fail(errUsage, "consent.form", "form", form)
			}
			withReceipt := form == formJSON && !noReceipt
			document, text, err := a.consentOf(cmd.Context(), args[0], withReceipt)
			if err != nil {
				return err
			}
			switch form {
			case formText:
				var out bytes.Buffer
				a.printer(onDisplay(&out)).consent(document)
				text = out.Bytes()
			case formFHIR:
				if text, err = document.FHIR(); err != nil {
					return err
				}
			}
			if err := writeNew(args[1], append(bytes.TrimRight(text, "\n"), '\n')); err != nil {
				return err
			}
			if a.json {
				return a.line(map[string]any{"file": args[1], "deal_id": document.Deal, "form": form, "receipt": withReceipt})
			}
			a.printer(a.out).say("consent.exported", "deal", document.Deal, "file", args[1])
			return nil
		},
	}
	cmd.Flags().StringVar(&form, "form", formJSON, "")
	cmd.Flags().BoolVar(&noReceipt, "no-receipt", false, "")
	return cmd
}

func (a *app) consentVerifyCommand() *cobra.Command {
	hash := ""
	cmd := &cobra.Command{
		Use: "verify FILE", Args: a.exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			document, err := consent.Parse(file)
			if err != nil {
				return err
			}
			if err := document.Verify(); err != nil {
				return err
			}
			block, proven, err := a.provenBy(document, hash)
			if err != nil {
				return err
			}
			if a.json {
				members := map[string]any{"signed": true, "proven": proven, "consent": document}
				if proven {
					members = withBlock(members, block)
				}
				return a.line(members)
			}
			p := a.printer(a.out)
			p.say("consent.signed", "deal", document.Deal, "seller", document.Seller)
			switch {
			case proven:
				p.say("consent.proven")
				p.block(block)
			case len(document.Receipt) > 0:
				p.say("consent.unproven")
			default:
				p.say("consent.without_receipt")
			}
			p.consent(document)
			return nil
		},
	}
	cmd.Flags().StringVar(&hash, "hash", "", "")
	return cmd
}

// provenBy verifies the receipt of a consent against the hash of a block that the caller
// trusts. Without a hash only the seller's word is checked.
func (a *app) provenBy(document consent.Document, hash string) (block receipt.Block, proven bool, err error) {
	switch {
	case hash == "":
		return block, false, nil
	case len(document.Receipt) == 0:
		return block, false, a.fail(pdx.ErrInvalid, "consent.no_receipt")
	}
	r, err := receipt.Parse(bytes.NewReader(document.Receipt))
	if err != nil {
		return block, false, err
	}
	trusted, err := a.blockHash(r, hash)
	if err != nil {
		return block, false, err
	}
	deal, block, err := client.VerifyReceipt(r, trusted)
	if err != nil {
		return block, false, err
	}
	return block, true, document.Matches(block.ChainID, deal)
}

func (a *app) consentWithdrawCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "withdraw DEAL", Args: a.exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := pdx.ParseDealID(args[0])
			if err != nil {
				return err
			}
			question := a.t("consent.withdraw_question", "deal", id)
			if err := a.confirm(cmd, question); err != nil {
				return err
			}
			client, err := a.client(cmd.Context())
			if err != nil {
				return err
			}
			res, err := client.WithdrawConsent(cmd.Context(), &nodepb.WithdrawConsentRequest{DealId: uint64(id)})
			if err != nil {
				return err
			}
			return a.show(res, func(p printer) { p.withdrawn(id, res, a.verb(fmt.Sprintf("erasure request %d", id))) })
		},
	}
	dryRunFlag(cmd, "MsgWithdrawOffer")
	yesFlag(cmd)
	return cmd
}
