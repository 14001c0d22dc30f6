package criteria

import (
	"fmt"
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
