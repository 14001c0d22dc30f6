package consent

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// Verify checks that the parts of a document agree with each other and that the seller signed
// it. It trusts nobody, and says nothing of what the chain recorded: see Matches. The error
// wraps pdx.ErrInvalid for a part that does not fit, pdx.ErrRefused for a wrong signature.
func (d Document) Verify() error {
	terms, agreed := d.terms()
	for _, part := range []struct {
		name     string
		is, must any
	}{
		{"terms_hash", d.TermsHash, hashText(attest.TermsHash(terms))},
		{"purposes", fmt.Sprintf("%q", d.Purposes), fmt.Sprintf("%q", Purposes(terms, agreed))},
		{"until", d.Until, Until(terms, agreed)},
		{"price.denom", d.Price.Denom, pdx.Denom},
	} {
		if part.is != part.must {
			return fmt.Errorf("consent: %w: %s is %.80q, by the terms it is %.80q", pdx.ErrInvalid, part.name, part.is, part.must)
		}
	}
	if missing := slices.IndexFunc(d.Terms, func(t Term) bool { return t.Required && !t.Agreed }); missing >= 0 {
		return fmt.Errorf("consent: %w: term %d is required and was not agreed to", pdx.ErrInvalid, d.Terms[missing].ID)
	}
	statement, err := d.statement()
	if err != nil {
		return err
	}
	return statement.Verify()
}

// Matches checks a document against the deal that a verified receipt shows: the chain then
// recorded exactly this agreement. The error wraps pdx.ErrInvalid and names what differs.
func (d Document) Matches(chainID string, deal pdx.Deal) error {
	s, err := d.statement()
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		same bool
	}{
		{"chain_id", s.ChainID == chainID},
		{"deal", s.Deal == deal.ID},
		{"pool", s.Pool == deal.Pool},
		{"seller", s.Seller == deal.Seller},
		{"buyer", s.Buyer == deal.Buyer},
		{"price", s.Price == uint64(deal.Price)},
		{"criteria", s.Criteria == deal.Criteria},
		{"root", s.Root == deal.Dataset.Root},
		{"terms_hash", s.Terms == deal.TermsHash},
		{"fields", s.Fields == deal.FieldsHash},
		{"agreed", slices.Equal(s.Agreed, slices.Sorted(slices.Values(deal.Agreed)))},
	} {
		if !part.same {
			return fmt.Errorf("consent: %w: %s is not what the chain recorded of deal %d", pdx.ErrInvalid, part.name, deal.ID)
		}
	}
	return nil
}

// statement is what the seller signs of a document.
func (d Document) statement() (attest.Consent, error) {
	price, err := amount(d.Price.Amount)
	if err != nil {
		return attest.Consent{}, err
	}
	criteria, err := pdx.ParseContentID(d.Criteria)
	if err != nil {
		return attest.Consent{}, fmt.Errorf("consent: %w: criteria: %v", pdx.ErrInvalid, err)
	}
	root, err := pdx.ParseContentID(d.Root)
	if err != nil {
		return attest.Consent{}, fmt.Errorf("consent: %w: root: %v", pdx.ErrInvalid, err)
	}
	terms, agreed := d.terms()
	c := attest.Consent{
		ChainID: d.ChainID, Pool: d.Pool, Deal: d.Deal, Seller: d.Seller, Buyer: d.Buyer, Denom: d.Price.Denom, Price: price,
		Criteria: criteria, Root: root, Terms: attest.TermsHash(terms), Fields: attest.FieldsHash(d.Fields), Agreed: agreed,
		Title: d.Title, MediaType: d.MediaType, State: d.State, PublicKey: d.PublicKey, Signature: bytes.Clone(d.Signature),
	}
	withdrawn := time.Unix(0, 0).UTC()
	if d.Withdrawn != nil {
		withdrawn = *d.Withdrawn
	}
	for _, at := range []struct {
		name string
		time time.Time
		to   *int64
	}{{"agreed_at", d.AgreedAt, &c.AgreedAt}, {"made", d.Made, &c.Made}, {"withdrawn", withdrawn, &c.Withdrawn}} {
		_, zone := at.time.Zone()
		if *at.to = at.time.Unix(); *at.to < 0 || at.time.Nanosecond() != 0 || zone != 0 {
			return c, fmt.Errorf("consent: %w: %s is not a whole second since 1970 in UTC", pdx.ErrInvalid, at.name)
		}
	}
	if d.Withdrawn != nil && c.Withdrawn == 0 {
		return c, fmt.Errorf("consent: %w: withdrawn is 1970", pdx.ErrInvalid)
	}
	return c, nil
}

// amount reads decimal digits in their only form.
func amount(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != text {
		return 0, fmt.Errorf("consent: %w: price.amount %.40q is not a whole number in decimal digits", pdx.ErrInvalid, text)
	}
	return n, nil
}
