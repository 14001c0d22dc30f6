package consent

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// Format names the document.
const Format = "pdx-consent-1"

// A Document is a record of consent. Its byte strings are base64 in JSON.
type Document struct {
	Format    string      `json:"format"`
	ChainID   string      `json:"chain_id"`
	Pool      pdx.PoolID  `json:"pool,string"`
	Deal      pdx.DealID  `json:"deal,string"`
	Title     string      `json:"title"` // of the pool
	MediaType string      `json:"media_type"`
	Seller    pdx.Address `json:"seller"`
	Buyer     pdx.Address `json:"buyer"`
	Price     Money       `json:"price"`
	Criteria  string      `json:"criteria"` // CID
	Root      string      `json:"root"`     // CID of the ciphertext
	Fields    []string    `json:"fields"`   // disclosed, JSON pointers in the order of the offer
	Terms     []Term      `json:"terms"`    // all of the pool's, in their order
	TermsHash string      `json:"terms_hash"`
	// Purposes and Until are what the terms agreed to say: see Purposes and Until.
	Purposes  []string   `json:"purposes"`
	Until     string     `json:"until,omitempty"`
	State     string     `json:"state"` // of the deal, when the record was made
	AgreedAt  time.Time  `json:"agreed_at"`
	Withdrawn *time.Time `json:"withdrawn,omitempty"`
	Made      time.Time  `json:"made"`
	PublicKey []byte     `json:"public_key"`
	Signature []byte     `json:"signature"`
	// Receipt is what the chain recorded of the deal: docs/spec/receipt.md.
	Receipt json.RawMessage `json:"receipt,omitempty"`
}

// Money is an amount of a denomination, in decimal digits.
type Money struct {
	Amount string `json:"amount"`
	Denom  string `json:"denom"`
}

// Term is one point of the pool's agreement, with the seller's answer.
type Term struct {
	ID          uint32 `json:"id"`
	Required    bool   `json:"required"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Agreed      bool   `json:"agreed"`
}

// Agreement is what a document records.
type Agreement struct {
	ChainID       string
	Pool          pdx.PoolID
	Deal          pdx.DealID
	Title         string
	MediaType     string
	Seller, Buyer pdx.Address
	Price         pdx.Amount
	Criteria      pdx.ContentID
	Root          pdx.ContentID
	Fields        []string
	Terms         []pdx.Term
	Agreed        []uint32
	State         string
	AgreedAt      time.Time
	Withdrawn     time.Time // zero if it was not
	Made          time.Time
}

// Signer signs as the seller.
type Signer interface {
	PublicKey() []byte
	Sign(message []byte) ([]byte, error)
}

// Sign makes the record of an agreement. Times are cut to whole seconds.
func Sign(a Agreement, s Signer) (Document, error) {
	second := func(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
	d := Document{
		Format: Format, ChainID: a.ChainID, Pool: a.Pool, Deal: a.Deal, Title: a.Title, MediaType: a.MediaType, Seller: a.Seller, Buyer: a.Buyer,
		Price: Money{strconv.FormatUint(uint64(a.Price), 10), pdx.Denom}, Criteria: a.Criteria.String(), Root: a.Root.String(),
		Fields: append(
			[]string{},
			a.Fields...), Terms: []Term{}, TermsHash: hashText(attest.TermsHash(a.Terms)), Purposes: Purposes(a.Terms, a.Agreed),
		Until: Until(a.Terms, a.Agreed), State: a.State, AgreedAt: second(a.AgreedAt), Made: second(a.Made), PublicKey: s.PublicKey(),
	}
	if !a.Withdrawn.IsZero() {
		at := second(a.Withdrawn)
		d.Withdrawn = &at
	}
	for _, t := range a.Terms {
		d.Terms = append(d.Terms, Term{t.ID, t.Required, t.Title, t.Description, slices.Contains(a.Agreed, t.ID)})
	}
	statement, err := d.statement()
	if err != nil {
		return Document{}, err
	}
	d.Signature, err = s.Sign(statement.SignBytes())
	return d, err
}

// Parse reads a document of at most MaxBytes. The error wraps pdx.ErrInvalid.
func Parse(r io.Reader) (Document, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Document{}, fmt.Errorf("consent: %w", err)
	}
	if len(text) > MaxBytes {
		return Document{}, fmt.Errorf("consent: %w: longer than %d bytes", pdx.ErrInvalid, MaxBytes)
	}
	var d Document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return Document{}, fmt.Errorf("consent: %w: not a document of format %s: %v", pdx.ErrInvalid, Format, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Document{}, fmt.Errorf("consent: %w: something follows the document", pdx.ErrInvalid)
	}
	if err := checkNames(text); err != nil {
		return Document{}, err
	}
	if d.Format != Format {
		return Document{}, fmt.Errorf("consent: %w: the format is %.40q; this version reads %s", pdx.ErrInvalid, d.Format, Format)
	}
	return d, nil
}

// terms are the pool's, and the ids of those that were agreed to.
func (d Document) terms() (terms []pdx.Term, agreed []uint32) {
	for _, t := range d.Terms {
		terms = append(terms, pdx.Term{ID: t.ID, Required: t.Required, Title: t.Title, Description: t.Description})
		if t.Agreed {
			agreed = append(agreed, t.ID)
		}
	}
	return terms, slices.Sorted(slices.Values(agreed))
}

func hashText(h [32]byte) string { return hex.EncodeToString(h[:]) }
