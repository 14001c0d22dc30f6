package main

import (
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// parseTerms reads 'required:TITLE:TEXT' or 'optional:TITLE:TEXT', with or without a text;
// ids count from 1.
func (a *app) parseTerms(texts []string) ([]*nodepb.Term, error) {
	var terms []*nodepb.Term
	for i, text := range texts {
		need, rest, _ := strings.Cut(text, ":")
		title, description, _ := strings.Cut(rest, ":")
		if need != "required" && need != "optional" || title == "" {
			return nil, a.fail(pdx.ErrInvalid, "pool.bad_term", "term", text)
		}
		terms = append(terms, &nodepb.Term{Id: uint32(i + 1), Required: need == "required", Title: title, Description: description})
	}
	return terms, nil
}
