package criteria

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// checkRefs refuses references that jsonschema would read as something else:
// against a base without a hierarchy (cid:, urn:) it takes every relative
// reference for the schema itself. It also refuses schemas that name
// themselves by a CID. What remains is resolved by the compiler and refused by
// the loader when it leads outside.
func checkRefs(value any, hierarchic bool) error {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if err := checkRefs(element, hierarchic); err != nil {
				return err
			}
		}
	case map[string]any:
		hierarchic, err := checkOwnRefs(value, hierarchic)
		if err != nil {
			return err
		}
		for name, member := range value {
			if slices.Contains(instanceKeywords, name) {
				continue
			}
			if err := checkRefs(member, hierarchic); err != nil {
				return err
			}
		}
	}
	return nil
}

// instanceKeywords hold values that are no schemas, whatever they look like.
var instanceKeywords = []string{"const", "enum", "default", "examples"}

// checkOwnRefs checks one schema's references against its base, which its $id
// may set; the result reports whether that base has a hierarchy.
func checkOwnRefs(schema map[string]any, hierarchic bool) (bool, error) {
	if id, ok := schema["$id"].(string); ok && !strings.HasPrefix(id, "#") {
		if strings.HasPrefix(strings.ToLower(id), cidScheme) {
			return false, fmt.Errorf("%w: $id %q must not be a CID", ErrSchema, id)
		}
		u, err := url.Parse(id)
		switch {
		case err != nil:
			return false, fmt.Errorf("%w: $id %q is not a URI", ErrSchema, id)
		case u.IsAbs():
			hierarchic = u.Opaque == ""
		case !hierarchic:
			return false, fmt.Errorf("%w: $id %q is relative, and there is no base URI", ErrRemote, id)
		}
	}
	if draft, ok := schema["$schema"].(string); ok {
		if err := checkDraft(draft); err != nil {
			return false, err
		}
	}
	for _, keyword := range []string{"$ref", "$dynamicRef", "$recursiveRef", "$schema"} {
		ref, ok := schema[keyword].(string)
		if !ok || strings.HasPrefix(ref, "#") || ref == "" {
			continue
		}
		u, err := url.Parse(ref)
		if err != nil || (!u.IsAbs() && (!hierarchic || keyword == "$schema")) {
			return false, fmt.Errorf("%w: %s %q is relative, and there is no base URI", ErrRemote, keyword, ref)
		}
	}
	return hierarchic, nil
}

// badPattern is a regular expression that does not compile.
type badPattern struct {
	expr  string
	cause error
}

// maxShownPattern bounds how much of a pattern an error repeats.
const maxShownPattern = 200

// explain names the pattern and where it stands in the schemas.
func (b *badPattern) explain(docs map[string]any) error {
	where := ""
	for uri, doc := range docs {
		if pointer := findPattern(doc, b.expr); pointer != "" && (where == "" || uri == inlineURI) {
			where = " at " + pointer
		}
	}
	return fmt.Errorf("%w: pattern%s, %.*q: %w; patterns are RE2", ErrSchema, where, maxShownPattern, b.expr, b.cause)
}

// findPattern returns the JSON pointer of a regular expression in a schema, "" if it is
// not there.
func findPattern(value any, expr string) string {
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			if at := findPattern(element, expr); at != "" {
				return fmt.Sprintf("/%d%s", i, at)
			}
		}
	case map[string]any:
		if value["pattern"] == expr {
			return "/pattern"
		}
		if patterns, ok := value["patternProperties"].(map[string]any); ok {
			if _, ok := patterns[expr]; ok {
				return "/patternProperties"
			}
		}
		return findPatternBelow(value, expr)
	}
	return ""
}

func findPatternBelow(object map[string]any, expr string) string {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if slices.Contains(instanceKeywords, name) {
			continue
		}
		if at := findPattern(object[name], expr); at != "" {
			return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name) + at
		}
	}
	return ""
}
