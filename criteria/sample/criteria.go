package sample

import (
	"embed"
	"fmt"

	"github.com/medibloc/pdx"
)

//go:embed criteria/*.json
var documents embed.FS

// Criteria returns a criteria document for records of kind. Its schema is in the
// document, and it asks for no field that identifies a person. It returns
// pdx.ErrInvalid for an unknown kind.
func Criteria(kind Kind) ([]byte, error) {
	raw, err := documents.ReadFile("criteria/" + string(kind) + ".json")
	if err != nil {
		return nil, fmt.Errorf("sample kind %q: %w: choose %s or %s", kind, pdx.ErrInvalid, Patient, Observation)
	}
	return raw, nil
}
