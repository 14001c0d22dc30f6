package sample

import (
	"embed"
	"fmt"

	"github.com/medibloc/pdx"
)

//go:embed criteria/*.json
var documents embed.FS

// Criteria is a criteria document that wants records of kind: complete in
// itself, and asking for nothing that names a person. The error wraps
// pdx.ErrInvalid for an unknown kind.
func Criteria(kind Kind) ([]byte, error) {
	raw, err := documents.ReadFile("criteria/" + string(kind) + ".json")
	if err != nil {
		return nil, fmt.Errorf("sample kind %q: %w: choose %s or %s", kind, pdx.ErrInvalid, Patient, Observation)
	}
	return raw, nil
}
