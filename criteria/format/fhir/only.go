package fhir

import (
	"slices"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// only yields the records whose resourceType is one of types, and those that are no strict
// JSON, which nobody may leave out unseen.
type only struct {
	types   []string
	records format.Reader
}

// Next implements format.Reader.
func (o *only) Next() ([]byte, error) {
	for {
		raw, err := o.records.Next()
		if err != nil || o.keeps(raw) {
			return raw, err
		}
	}
}

func (o *only) keeps(raw []byte) bool {
	tree, err := strict.Parse(raw)
	if err != nil || tree.Root().Kind() != '{' {
		return true
	}
	kind, has := tree.Root().Member("resourceType")
	return has && kind.Kind() == '"' && slices.Contains(o.types, string(kind.Text()))
}
