package criteria

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/pattern"
	"github.com/medibloc/pdx/criteria/internal/strict"
	"github.com/medibloc/pdx/criteria/internal/stringformat"
)

const (
	// cidScheme begins the URI of a schema that comes by CID.
	cidScheme = "cid:"
	// inlineURI is the base of a schema inside a criteria document.
	inlineURI = "criteria:///schema"
)

// schema is a compiled JSON Schema with what checking needs to know of it.
type schema struct {
	root  *rule
	names map[string]struct{} // member names that the schema knows
	shape *format.Shape
	// source is the root as jsonschema has it; nil once a Checker has made its program.
	source *jsonschema.Schema
}

// options are how a schema is compiled.
type options struct {
	assertFormats bool
	refuseCycles  bool // through which no part of the value is consumed
	workers       int  // of a check
	undispatched  bool // evaluate every oneOf as written: for comparison
}

func (d *Document) compile(schemas Schemas, opts options) (*schema, error) {
	opts.assertFormats, opts.refuseCycles = d.AssertFormats, opts.refuseCycles || d.Version >= 2
	if !d.schemaID.IsZero() {
		return compileSchema(cidScheme+d.schemaID.String(), nil, schemas, opts)
	}
	return compileSchema(inlineURI, d.Schema, schemas, opts)
}

// compileSchema compiles the schema at uri, which is inline unless it is nil.
func compileSchema(uri string, inline []byte, schemas Schemas, opts options) (*schema, error) {
	c, err := compileWithLibrary(uri, inline, schemas, opts)
	if err != nil {
		return nil, err
	}
	if at := inPlaceCycle(c.root); at != "" && opts.refuseCycles {
		return nil, fmt.Errorf("%w: at %q", errCycle, at)
	}
	prepared := prepare(c, opts)
	prepared.shape, prepared.source = shapeOf(c.root), c.root
	return prepared, nil
}

// compiled is a schema as jsonschema has it.
type compiled struct {
	compiler *jsonschema.Compiler
	root     *jsonschema.Schema
	anchored []*jsonschema.Schema // may be referred to by name
}

func compileWithLibrary(uri string, inline []byte, schemas Schemas, opts options) (compiled, error) {
	loader := &loader{schemas: schemas}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(loader)
	c.UseRegexpEngine(loader.pattern)
	for _, name := range stringformat.Names() {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error { return validateFormat(name, v) }})
	}
	if opts.assertFormats {
		c.AssertFormat()
	}
	if inline != nil {
		value, err := loader.decode(uri, inline)
		if err != nil {
			return compiled{}, err
		}
		if err := c.AddResource(uri, value); err != nil {
			return compiled{}, fmt.Errorf("%w: %v", ErrSchema, err)
		}
	}
	root, err := c.Compile(uri)
	if loader.err != nil { // jsonschema does not wrap it
		return compiled{}, loader.err
	}
	if err != nil && loader.badPattern != nil {
		return compiled{}, loader.badPattern.explain(loader.docs)
	}
	if err != nil {
		return compiled{}, fmt.Errorf("%w: %v", ErrSchema, err)
	}
	return compiled{c, root, loader.anchored(c)}, nil
}

// loader gives the compiler what schemas refer to: by CID, or not at all.
type loader struct {
	schemas    Schemas
	docs       map[string]any
	values     int
	subschemas int
	ops        int
	err        error       // the first, for jsonschema loses it
	badPattern *badPattern // the first
}

// Load implements jsonschema.URLLoader.
func (l *loader) Load(uri string) (any, error) {
	value, err := l.load(uri)
	if err != nil && l.err == nil {
		l.err = err
	}
	return value, err
}

func (l *loader) load(uri string) (any, error) {
	text, ok := strings.CutPrefix(uri, cidScheme)
	if !ok {
		return nil, fmt.Errorf("%w: %q is not in the schema: refer to schemas outside by CID", ErrRemote, uri)
	}
	id, err := pdx.ParseContentID(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRemote, err)
	}
	if len(l.docs) >= MaxSchemas {
		return nil, fmt.Errorf("%w: more than %d schemas", ErrSchema, MaxSchemas)
	}
	raw, err := l.schemas.load(id)
	if err != nil {
		return nil, fmt.Errorf("criteria schema: %w", err)
	}
	return l.decode(uri, raw)
}

func (l *loader) decode(uri string, raw []byte) (any, error) {
	if len(raw) > MaxSchemaBytes {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrSchema, MaxSchemaBytes)
	}
	value, values, err := decodeFew(raw, MaxSchemaValues-l.values)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if err := checkRefs(value, uri == inlineURI); err != nil {
		return nil, err
	}
	l.values += values
	if l.subschemas += countSubschemas(value); l.subschemas > MaxSubschemas {
		return nil, fmt.Errorf("%w: more than %d objects and booleans", ErrSchema, MaxSubschemas)
	}
	if l.docs == nil {
		l.docs = map[string]any{}
	}
	l.docs[uri] = value
	return value, nil
}

// decodeFew decodes a text of at most limit values. It counts them first, because a
// decoded value may take a hundred times the bytes of its text.
func decodeFew(raw []byte, limit int) (value any, values int, err error) {
	tree, err := strict.Parse(raw)
	if err != nil {
		return nil, 0, err
	}
	if values = tree.Root().Values(); values > limit {
		return nil, 0, fmt.Errorf("more than %d values", MaxSchemaValues)
	}
	value, err = strict.Decode(raw)
	return value, values, err
}

// checkDraft refuses draft-04 and older, whose exclusiveMinimum, id and
// meta-schema are not those of the drafts after it, and the URL that means the
// newest draft, whichever that is.
func checkDraft(draft string) error {
	switch {
	case strings.Contains(draft, "json-schema.org/draft-04"), strings.Contains(draft, "json-schema.org/draft-03"):
		return fmt.Errorf("%w: $schema %q is too old: use draft-06 or later", ErrSchema, draft)
	case strings.Contains(draft, "json-schema.org/schema"):
		return fmt.Errorf("%w: $schema %q names no draft: name one, such as https://json-schema.org/draft/2020-12/schema", ErrSchema, draft)
	}
	return nil
}

func countValues(value any) int { return count(value, func(any) bool { return true }) }

func countSubschemas(value any) int {
	return count(value, func(v any) bool {
		switch v.(type) {
		case map[string]any, bool:
			return true
		}
		return false
	})
}

// count counts the values in value, itself among them, that are of a kind.
func count(value any, of func(any) bool) int {
	n := 0
	if of(value) {
		n = 1
	}
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			n += count(v, of)
		}
	case []any:
		for _, v := range value {
			n += count(v, of)
		}
	}
	return n
}

// pattern compiles a regular expression.
func (l *loader) pattern(expr string) (jsonschema.Regexp, error) {
	compiled, n, err := pattern.Compile(expr)
	if err == nil {
		if l.ops += n; l.ops > MaxPatternOps {
			err = errors.New("the schema's regular expressions are too large")
		}
	}
	if err != nil {
		if l.badPattern == nil {
			l.badPattern = &badPattern{expr, err}
		}
		return nil, err
	}
	return compiled, nil
}

// anchored are the schemas that dynamic references may reach although nothing
// refers to them; they are metered like all others.
func (l *loader) anchored(c *jsonschema.Compiler) []*jsonschema.Schema {
	var found []*jsonschema.Schema
	var walk func(uri, path string, value any)
	walk = func(uri, path string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for _, keyword := range []string{"$dynamicAnchor", "$recursiveAnchor", "$id"} {
				if _, ok := value[keyword]; !ok {
					continue
				}
				if sch, err := c.Compile(uri + "#" + path); err == nil {
					found = append(found, sch)
				}
				break
			}
			for name, v := range value {
				if !slices.Contains(instanceKeywords, name) {
					walk(uri, path+"/"+uriToken(name), v)
				}
			}
		case []any:
			for i, v := range value {
				walk(uri, fmt.Sprintf("%s/%d", path, i), v)
			}
		}
	}
	for uri, value := range l.docs {
		walk(uri, "", value)
	}
	return found
}
