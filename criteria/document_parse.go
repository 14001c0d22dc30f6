package criteria

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime"
	"reflect"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/text"
)

// Parse reads a criteria document. It refuses, with ErrDocument, anything else:
// unknown, repeated or null members, trailing bytes, more than MaxDocumentBytes,
// bounds that nothing can meet. It does not compile the schema.
func Parse(raw []byte) (*Document, error) {
	d, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	return d, nil
}

func parse(raw []byte) (*Document, error) {
	if len(raw) > MaxDocumentBytes {
		return nil, fmt.Errorf("larger than %d bytes", MaxDocumentBytes)
	}
	value, _, err := decodeFew(raw, MaxSchemaValues)
	if err != nil {
		if says := format.Sniff(raw[:min(len(raw), format.SniffBytes)]); says != "" {
			return nil, fmt.Errorf("the file %s", says)
		}
		return nil, err
	}
	if err := checkNames(value); err != nil {
		return nil, err
	}
	d := &Document{}
	if err := json.Unmarshal(raw, d); err != nil {
		return nil, explainType(err)
	}
	d.raw, d.id = bytes.Clone(raw), IDOf(raw)
	for _, check := range []func() error{d.checkHead, d.checkBounds, d.parseSchema, d.parseUnique, d.parseRules} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// explainType says what a member must be that has another type.
func explainType(err error) error {
	broken := new(json.UnmarshalTypeError)
	if !errors.As(err, &broken) {
		return err
	}
	wanted := "an object"
	switch broken.Type.Kind() {
	case reflect.Int, reflect.Uint64:
		wanted = "a whole number from 0 on, without a fraction or an exponent"
	case reflect.String:
		wanted = "a string"
	case reflect.Bool:
		wanted = "true or false"
	case reflect.Slice:
		wanted = "an array"
	}
	return fmt.Errorf("%s must be %s, not %s", strings.ReplaceAll(broken.Field, ".", "/"), wanted, broken.Value)
}

// The member names of each object of a document, below "schema" excepted.
var (
	documentNames = []string{
		"version", "title", "description", "media_type", "schema", "assert_formats",
		"records", "bytes", "record_bytes", "unique", "fields",
	}
	boundsNames = []string{"min", "max"}
	fieldNames  = []string{"pointer", "required", "purpose"}
)

// checkNames refuses member names that encoding/json would accept or skip, because
// it ignores case and reads null as absent.
func checkNames(value any) error {
	document, ok := value.(map[string]any)
	if !ok {
		return errors.New("not a JSON object")
	}
	if err := onlyNames(document, "", namesOf(document)); err != nil {
		return err
	}
	for _, name := range []string{"records", "bytes", "record_bytes"} {
		if bounds, ok := document[name].(map[string]any); ok {
			if err := onlyNames(bounds, name, boundsNames); err != nil {
				return err
			}
		}
	}
	if err := checkRuleNames(document); err != nil {
		return err
	}
	list, _ := document["fields"].([]any)
	for i, field := range list {
		object, ok := field.(map[string]any)
		if !ok {
			return fmt.Errorf("fields/%d: not an object", i)
		}
		if err := onlyNames(object, fmt.Sprintf("fields/%d", i), fieldNames); err != nil {
			return err
		}
		for _, name := range []string{"pointer", "purpose"} {
			if _, ok := object[name]; !ok {
				return fmt.Errorf("fields/%d: %s is missing", i, name)
			}
		}
	}
	return nil
}

func onlyNames(object map[string]any, where string, names []string) error {
	for name, value := range object {
		if !slices.Contains(names, name) {
			return fmt.Errorf("%s: unknown member %q", where, name)
		}
		if value == nil {
			return fmt.Errorf("%s/%s: null is not allowed: leave the member out", where, name)
		}
	}
	return nil
}

func (d *Document) checkHead() error {
	if d.Version < 1 || d.Version > Version {
		return fmt.Errorf("version %d is unknown: this version of pdx reads 1 to %d", d.Version, Version)
	}
	if err := checkMediaType(d.MediaType); err != nil {
		return err
	}
	if d.Title == "" {
		return errors.New("title is missing")
	}
	texts := []string{d.Title, d.Description}
	for _, field := range d.Fields {
		texts = append(texts, field.Purpose)
	}
	for _, s := range texts {
		if len(s) > MaxTextBytes {
			return fmt.Errorf("a text is longer than %d bytes", MaxTextBytes)
		}
	}
	if d.Version >= 2 {
		if err := d.checkPrints(); err != nil {
			return err
		}
	}
	if _, err := fields.Parse(d.Pointers()); err != nil {
		return fmt.Errorf("fields: %w", err)
	}
	return nil
}

// inParagraphs are the characters that the longer texts may have although they do
// not print: line feed, tab, and the joiners that some scripts need.
const inParagraphs = "\n\t\u200c\u200d"

// checkPrints refuses names and texts that could hide others on a screen, such as
// those that a seller is asked to agree to.
func (d *Document) checkPrints() error {
	if !text.Prints(d.Title, "") {
		return errHidden("title", d.Title)
	}
	if !text.Prints(d.Description, inParagraphs) {
		return errHidden("description", d.Description)
	}
	for i, field := range d.Fields {
		if !text.Prints(field.Pointer, "") {
			return errHidden(fmt.Sprintf("fields/%d/pointer", i), field.Pointer)
		}
		if !text.Prints(field.Purpose, inParagraphs) {
			return errHidden(fmt.Sprintf("fields/%d/purpose", i), field.Purpose)
		}
	}
	return nil
}

func errHidden(where, s string) error {
	return fmt.Errorf("%s: %+.100q has a control or invisible character: take it out", where, s)
}

// checkMediaType refuses what is not written as a media type. Whether its format
// is known is for NewChecker to say: a document can be shown without.
func checkMediaType(s string) error {
	if parsed, _, err := mime.ParseMediaType(s); err != nil || parsed != s || len(s) > maxMediaType || !strings.Contains(s, "/") {
		return fmt.Errorf("media_type: not a media type in lower case without parameters, such as %s", NDJSON)
	}
	return nil
}

func (d *Document) checkBounds() error {
	for name, b := range map[string]struct {
		Bounds
		limit uint64
	}{
		"records":      {d.Records, math.MaxInt64},
		"bytes":        {d.Bytes, MaxDatasetBytes},
		"record_bytes": {d.RecordBytes, MaxRecordBytes},
	} {
		if b.Max > b.limit || b.Min > b.limit || (b.Max != 0 && b.Min > b.Max) {
			return fmt.Errorf("%s: min and max must be at most %d, and max not below min", name, b.limit)
		}
	}
	if d.RecordBytes.Min > d.MaxRecord() {
		return fmt.Errorf("record_bytes: min is above %d, the default of max: set max", d.MaxRecord())
	}
	return nil
}

// parseSchema tells an inline schema from {"cid": …}.
func (d *Document) parseSchema() error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(d.Schema, &object); err != nil || object == nil {
		return errors.New("schema: not a JSON object")
	}
	cid, ok := object["cid"]
	if !ok {
		return nil
	}
	var text string
	if err := json.Unmarshal(cid, &text); err != nil || len(object) != 1 {
		return errors.New(`schema: write {"cid": "b…"}, with this member only`)
	}
	id, err := pdx.ParseContentID(text)
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	d.schemaID = id
	return nil
}

// parseUnique reads the keys. A required field must cover each pointer, or else
// datasets could leave out what the key needs.
func (d *Document) parseUnique() error {
	if len(d.Unique) > MaxUnique {
		return fmt.Errorf("unique: more than %d keys", MaxUnique)
	}
	for i, key := range d.Unique {
		if len(key) == 0 || len(key) > MaxUniqueParts {
			return fmt.Errorf("unique/%d: a key has 1 to %d pointers", i, MaxUniqueParts)
		}
		pointers := make([]fields.Pointer, len(key))
		for j, text := range key {
			p, err := fields.ParsePointer(text)
			if err != nil {
				return fmt.Errorf("unique/%d/%d: %w", i, j, err)
			}
			if !d.requires(p) {
				return fmt.Errorf("unique/%d/%d: no required field covers %q", i, j, text)
			}
			pointers[j] = p
		}
		d.unique = append(d.unique, pointers)
	}
	if len(d.Unique) > 0 && d.Records.Max > MaxUniqueKeys/uint64(len(d.Unique)) {
		return fmt.Errorf("records: max must be at most %[2]d with %[1]d unique keys", len(d.Unique), MaxUniqueKeys/len(d.Unique))
	}
	return nil
}

func (d *Document) requires(p fields.Pointer) bool {
	return slices.ContainsFunc(d.Fields, func(f Field) bool {
		q, err := fields.ParsePointer(f.Pointer)
		return err == nil && f.Required && q.Covers(p)
	})
}

// meets refuses a document that does not require fields without which its format cannot do.
func (d *Document) meets(demands []string) error {
	for _, text := range demands {
		if p, err := fields.ParsePointer(text); err != nil || !d.requires(p) {
			return fmt.Errorf("fields: the media type %s needs %q among the required ones", d.MediaType, text)
		}
	}
	return nil
}
