package main

import (
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/consent"
)

// withdrawn says what became of a consent that was withdrawn, and why it cannot be undone
// where it cannot.
func (p printer) withdrawn(id pdx.DealID, res *nodepb.WithdrawConsentResponse, erase string) {
	p.say("consent.withdrawn", "deal", id, "time", when(res.Withdrawn.AsTime()))
	switch state := pdx.DealState(res.State); {
	case res.Stopped:
		p.say("consent.stopped", "deal", id)
	case res.Reason != "":
		p.say("consent.refused", "reason", res.Reason)
	case state == pdx.DealCertified:
		p.say("consent.cannot.certified", "command", erase)
	case state == pdx.DealAcked:
		p.say("consent.cannot.acked", "command", erase)
	case state == pdx.DealDelivered:
		p.say("consent.cannot.delivered", "command", erase)
	case state == pdx.DealFinal:
		p.say("consent.cannot.final", "command", erase)
	default:
		p.say("consent.ended", "state", p.state(res.State))
	}
}

// consent prints a record of consent.
func (p printer) consent(d consent.Document) {
	price, err := pdx.ParseAmount(d.Price.Amount + d.Price.Denom)
	paid := price.MED()
	if err != nil {
		paid = d.Price.Amount + " " + d.Price.Denom
	}
	facts := []string{
		"deal", p.t("deal.in_pool", "deal", d.Deal, "pool", d.Pool), "title", d.Title, "chain", d.ChainID,
		"seller", string(d.Seller), "buyer", string(d.Buyer), "price", paid, "state", p.state(d.State),
		"agreed_at", when(d.AgreedAt), "purpose", strings.Join(d.Purposes, ", "), "until", d.Until,
		"discloses", strings.Join(d.Fields, " "), "media_type", d.MediaType, "criteria", d.Criteria, "ciphertext", d.Root,
	}
	for _, t := range d.Terms {
		text := p.t("deal.agreement", "id", t.ID, "answer", p.answer(t.Agreed), "title", t.Title)
		facts = append(facts, "term", text, "text", t.Description)
	}
	facts = append(facts, "terms_version", d.TermsHash)
	if d.Withdrawn != nil {
		facts = append(facts, "withdrawn", when(*d.Withdrawn))
	}
	p.facts(append(facts, "made", when(d.Made))...)
}
