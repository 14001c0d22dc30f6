package criteria

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/rules"
)

// Version is the newest version of criteria documents. This package reads the earlier
// ones too: pools that were opened with them are judged by their rules.
const Version = 3

// poolVersion is the oldest version that new pools should have. Version 3 adds members
// and changes nothing for documents without them.
const poolVersion = 2

// keepsPositions reports whether documents of a version keep the positions of
// elements in arrays on the way to disclosed fields.
func keepsPositions(version int) bool { return version >= 2 }

// Document says what data a pool wants.
type Document struct {
	// Version is 1 to Version.
	Version int `json:"version"`
	// Title and Description are shown to people; each has at most MaxTextBytes.
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	// MediaType selects the format of the dataset: see Formats.
	MediaType string `json:"media_type"`
	// Schema is the JSON Schema that every record must match, or {"cid": "b…"} for
	// one that is addressed by its CID.
	Schema json.RawMessage `json:"schema"`
	// AssertFormats makes the keyword "format" an assertion, whatever the schema's draft
	// of JSON Schema says of it.
	AssertFormats bool `json:"assert_formats,omitempty"`
	// Records bounds the number of records; a minimum of 0 means 1, a maximum of 0
	// means no maximum.
	Records Bounds `json:"records,omitzero"`
	// Bytes bounds the dataset's size in bytes; a maximum of 0 means MaxDatasetBytes.
	Bytes Bounds `json:"bytes,omitzero"`
	// RecordBytes bounds each record's size in bytes; a maximum of 0 means
	// DefaultRecordBytes, in version 1 MaxRecordBytes.
	RecordBytes Bounds `json:"record_bytes,omitzero"`
	// Unique are keys, each a list of JSON pointers: no two records may have the same
	// values at all pointers of a key.
	Unique [][]string `json:"unique,omitempty"`
	// Fields are the parts of a record that the seller is asked to disclose. A record
	// with anything else breaks RuleUndisclosed.
	Fields []Field `json:"fields"`
	// Rules are conditions on each record or on the dataset, and Aggregates what the latter
	// are about. Since version 3.
	Rules      []rules.Rule      `json:"rules,omitempty"`
	Aggregates []rules.Aggregate `json:"aggregates,omitempty"`
	// MaxOverlapPPM is the overlap that the pool must allow, in records in a million of a
	// dataset which the pool bought before; nil says nothing of it. Since version 3.
	MaxOverlapPPM *uint32 `json:"max_overlap_ppm,omitempty"`
	// SuppressBelow is the least count of an aggregate that a report shows; 0 means
	// rules.Floor. Since version 3.
	SuppressBelow uint64 `json:"suppress_below,omitempty"`

	raw      []byte
	id       pdx.ContentID
	schemaID pdx.ContentID
	unique   [][]fields.Pointer
	rules    *rules.Set // nil without rules and aggregates
}

// Bounds are the least and the greatest allowed value. 0 means that there is no such
// bound, unless the field of Document says otherwise.
type Bounds struct {
	Min uint64 `json:"min,omitempty"`
	Max uint64 `json:"max,omitempty"`
}

// Field is one part of a record that the seller is asked to disclose.
type Field struct {
	// Pointer is a JSON pointer of member names; where it meets an array it goes on in
	// each element. "" is the whole record.
	Pointer string `json:"pointer"`
	// Required fields must be disclosed by every seller. Whether each record must have
	// the field is decided by the schema.
	Required bool `json:"required,omitempty"`
	// Purpose tells the seller what the buyer needs the field for; at most MaxTextBytes.
	Purpose string `json:"purpose"`
}

// ID returns the CID of the bytes that the document was parsed from.
func (d *Document) ID() pdx.ContentID { return d.id }

// Raw returns the bytes that the document was parsed from, which must not be changed.
func (d *Document) Raw() []byte { return d.raw }

// SchemaID returns the CID of the schema; zero if the schema is in the document.
func (d *Document) SchemaID() pdx.ContentID { return d.schemaID }

// Pointers returns the pointers of Fields, in their order.
func (d *Document) Pointers() []string {
	pointers := make([]string, len(d.Fields))
	for i, field := range d.Fields {
		pointers[i] = field.Pointer
	}
	return pointers
}

// Required are the pointers of the fields that every dataset must disclose, in the
// document's order.
func (d *Document) Required() (pointers []string) {
	for _, field := range d.Fields {
		if field.Required {
			pointers = append(pointers, field.Pointer)
		}
	}
	return pointers
}

// MaxRecord returns the size in bytes of the largest record that the document allows.
func (d *Document) MaxRecord() uint64 {
	if d.Version == 1 {
		return orLimit(d.RecordBytes.Max, MaxRecordBytes)
	}
	return orLimit(d.RecordBytes.Max, DefaultRecordBytes)
}

// Encode returns the document as JSON. It refuses, with ErrDocument, one that Parse
// would refuse.
func (d *Document) Encode() ([]byte, error) {
	raw, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	raw = append(raw, '\n')
	if _, err := Parse(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// CheckFields refuses, with ErrFields, a disclosure that lacks a required field
// or has one that the document does not ask for.
func (d *Document) CheckFields(disclosed []string) error {
	_, err := d.fieldTree(disclosed)
	return err
}

func (d *Document) fieldTree(disclosed []string) (*fields.Tree, error) {
	got, err := fields.Parse(disclosed)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFields, err)
	}
	asked, err := fields.Parse(d.Pointers())
	if err != nil {
		return nil, fmt.Errorf("%w: fields: %v", ErrDocument, err)
	}
	for i, p := range got {
		if !slices.ContainsFunc(asked, func(q fields.Pointer) bool { return q.Covers(p) }) {
			return nil, fmt.Errorf("%w: the criteria do not ask for %q", ErrFields, disclosed[i])
		}
	}
	for i, q := range asked {
		if d.Fields[i].Required && !slices.ContainsFunc(got, func(p fields.Pointer) bool { return p.Covers(q) }) {
			return nil, fmt.Errorf("%w: the criteria require %q", ErrFields, d.Fields[i].Pointer)
		}
	}
	return fields.NewTree(got), nil
}

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
