package node

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/book"
	"github.com/medibloc/pdx/node/consent"
	"github.com/medibloc/pdx/node/erasure"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/store"
)

// wireHistory wires what stays of deals beside their records: money, and requests to delete
// what was bought.
func (n *Node) wireHistory(context.Context) (err error) {
	if n.book, err = book.New(book.Config{Account: n.Account(), DB: n.home.DB, Ledger: n.chain}); err != nil {
		return err
	}
	n.erasures, err = erasure.New(erasure.Config{
		ChainID: n.cfg.Chain.ID, Account: n.Account(), Table: store.NewTable[model.Erasure](n.home.DB, home.ErasuresTable),
		Ledger: n.chain, Signer: n.keys, Sender: erasureSender{erasure.NewClient(n.host, n.cfg.Chain.ID), n.peers},
		Records: n.buyer, Log: n.log,
	})
	if err != nil {
		return err
	}
	server, err := erasure.NewServer(erasure.ServerConfig{
		Host: n.host, ChainID: n.cfg.Chain.ID, Handler: n.erasures, Account: n.askers.Account, Metrics: n.drops, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.addServer("erasures", server)
	n.lifecycle.Loop("erasure requests", n.erasures.Run)
	return nil
}

// erasureSender sends requests to buyers.
type erasureSender struct {
	client *erasure.Client
	peers  *peers.Directory
}

// Send finds the buyer of a deal and sends it a request.
func (s erasureSender) Send(ctx context.Context, to model.Erasure, r erasure.Request) (*model.ErasureAnswer, error) {
	id, err := s.peers.Find(ctx, to.Pool, pdx.RoleBuyer, to.Buyer)
	if err != nil {
		return nil, err
	}
	return s.client.Send(ctx, id, r)
}

// consents makes records of consent, signed by the account.
type consents struct {
	chainID string
	keys    *keys.Keys
	ledger  api.Ledger
}

// Consent is the signed record of a sale's agreement. The texts are those that were shown when the
// sale was ordered; for a sale that has none, they are read from the chain and held against
// their hash.
func (c consents) Consent(ctx context.Context, s model.Sale, receipt bool) ([]byte, error) {
	text, fields, err := c.textOf(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("consent of deal %v: %w", s.Deal, err)
	}
	document, err := consent.Sign(consent.Agreement{
		ChainID: c.chainID, Pool: s.Pool, Deal: s.Deal, Title: text.Title, MediaType: text.MediaType, Seller: c.keys.Account(),
		Buyer: s.Terms.Buyer, Price: s.Terms.Price, Criteria: s.Terms.Criteria, Root: s.Dataset.Root, Fields: fields, Terms: text.Terms,
		Agreed: s.Agreed, State: string(s.State), AgreedAt: s.Created, Withdrawn: s.ConsentWithdrawn, Made: time.Now(),
	}, c.keys)
	if err != nil {
		return nil, fmt.Errorf("consent of deal %v: %w", s.Deal, err)
	}
	if receipt {
		if document.Receipt, err = c.ledger.Receipt(ctx, s.Deal); err != nil {
			return nil, fmt.Errorf("consent of deal %v: %w", s.Deal, err)
		}
	}
	return json.MarshalIndent(document, "", "  ")
}

func (c consents) textOf(ctx context.Context, s model.Sale) (text model.PoolText, fields []string, err error) {
	fields = s.Fields
	if s.Text != nil {
		return *s.Text, fields, nil
	}
	pool, err := c.ledger.Pool(ctx, s.Pool)
	if err != nil {
		return text, nil, err
	}
	if s.Terms.TermsHash != [32]byte{} && attest.TermsHash(pool.Terms) != s.Terms.TermsHash {
		return text, nil, fmt.Errorf("%w: an endpoint shows other terms of pool %v than were agreed to", pdx.ErrCorrupt, s.Pool)
	}
	if len(fields) == 0 {
		deal, err := c.ledger.Deal(ctx, s.Deal)
		if err != nil {
			return text, nil, err
		}
		fields = deal.Fields
	}
	return model.PoolText{Title: pool.Title, MediaType: pool.MediaType, Terms: pool.Terms}, fields, nil
}
