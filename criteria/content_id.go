package criteria

import (
	"fmt"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
)

// IDOf returns the CID of a criteria document or a schema, given its exact bytes.
func IDOf(raw []byte) pdx.ContentID { return blake3.Sum256(raw) }

// Schemas returns the bytes of a schema by its CID. An error that wraps pdx.ErrNotFound
// or pdx.ErrUnavailable reaches the caller of NewChecker, which still wraps it.
// NewChecker verifies the bytes against the CID. A nil Schemas finds nothing.
type Schemas func(pdx.ContentID) ([]byte, error)

// Bundle returns a Schemas that finds the given schemas and no others.
func Bundle(raw ...[]byte) Schemas {
	byID := make(map[pdx.ContentID][]byte, len(raw))
	for _, schema := range raw {
		byID[IDOf(schema)] = schema
	}
	return func(id pdx.ContentID) ([]byte, error) {
		if schema, ok := byID[id]; ok {
			return schema, nil
		}
		return nil, fmt.Errorf("schema %v: %w", id, pdx.ErrNotFound)
	}
}

// load returns the schema with this CID, verified.
func (s Schemas) load(id pdx.ContentID) ([]byte, error) {
	if s == nil {
		return nil, fmt.Errorf("schema %v: %w", id, pdx.ErrNotFound)
	}
	raw, err := s(id)
	if err != nil {
		return nil, err
	}
	if IDOf(raw) != id {
		return nil, fmt.Errorf("schema %v: %w", id, pdx.ErrCorrupt)
	}
	return raw, nil
}
