package types

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// Long texts are in records of their own, which are written once: PoolTerms and DealFields.
// The records that every step of a deal writes again have only their hashes, so that nobody
// pays for another's text.

// HashTerms returns the hash of a pool's terms.
func HashTerms(terms []Term) []byte {
	list := make([]pdx.Term, 0, len(terms))
	for _, t := range terms {
		list = append(list, pdx.Term{ID: t.Id, Required: t.Required, Title: t.Title, Description: t.Description})
	}
	hash := attest.TermsHash(list)
	return hash[:]
}

// HashFields returns the hash of a deal's disclosed fields.
func HashFields(fields []string) []byte {
	hash := attest.FieldsHash(fields)
	return hash[:]
}

// TermsSize returns how much text terms have, in bytes.
func TermsSize(terms []Term) (n uint64) {
	for _, t := range terms {
		n += uint64(len(t.Title) + len(t.Description))
	}
	return n
}

// WithoutTexts returns the pool as its record has it: an offer needs of a term only its
// number and whether it is required.
func (p Pool) WithoutTexts() Pool {
	var bare []Term
	for _, t := range p.Terms {
		bare = append(bare, Term{Id: t.Id, Required: t.Required})
	}
	p.Terms = bare
	return p
}

func (p Pool) checkTexts() error {
	if err := checkTerms(p.Terms); err != nil {
		return err
	}
	if !bytes.Equal(p.TermsHash, HashTerms(p.Terms)) {
		return errorsmod.Wrap(ErrGenesis, "terms hash is not that of the terms")
	}
	return checkTitle(p.Title, p.MediaType)
}

func (d Deal) checkTexts() error {
	if err := checkFields(d.DisclosedFields); err != nil {
		return err
	}
	if !bytes.Equal(d.FieldsHash, HashFields(d.DisclosedFields)) {
		return errorsmod.Wrap(ErrGenesis, "fields hash is not that of the fields")
	}
	return nil
}
