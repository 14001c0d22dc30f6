package message

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/medibloc/pdx/internal/text"
)

// Catalog is the texts of one language. It is safe for concurrent use.
type Catalog struct {
	lang  language.Tag
	texts map[string]Forms
}

// Forms are the forms of a text by plural category; a text that depends on no
// number has "other" only. Its JSON is an object.
type Forms map[string]string

// categories are the names that CLDR has for plural forms.
var categories = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// Parse reads a catalogue file. Nested keys are joined by dots.
func Parse(lang string, file []byte) (*Catalog, error) {
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, fmt.Errorf("language %q: %w", lang, err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(file, &tree); err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", lang, err)
	}
	c := &Catalog{lang: tag, texts: map[string]Forms{}}
	if err := c.add("", tree); err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", lang, err)
	}
	return c, nil
}

func (c *Catalog) add(prefix string, tree map[string]any) error {
	for name, value := range tree {
		key := prefix + name
		switch v := value.(type) {
		case string:
			c.texts[key] = Forms{"other": v}
		case map[string]any:
			if forms := pluralForms(v); forms != nil {
				c.texts[key] = forms
			} else if err := c.add(key+".", v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s: not a text: %v", key, value)
		}
	}
	return nil
}

// pluralForms returns the forms of a text, or nil if the tree holds further keys.
func pluralForms(tree map[string]any) Forms {
	forms := Forms{}
	known := slices.Collect(maps.Values(categories))
	for name, value := range tree {
		form, isText := value.(string)
		if !isText || !slices.Contains(known, name) {
			return nil
		}
		forms[name] = form
	}
	if forms["other"] == "" {
		return nil
	}
	return forms
}

// Lang returns the language's BCP 47 tag.
func (c *Catalog) Lang() string { return c.lang.String() }

// Has reports whether there is a text for a key.
func (c *Catalog) Has(key string) bool { return c.texts[key] != nil }

// Forms returns all texts whose keys begin with one of the prefixes.
func (c *Catalog) Forms(prefixes ...string) map[string]Forms {
	found := map[string]Forms{}
	for key, forms := range c.texts {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			found[key] = forms
		}
	}
	return found
}

// Text returns the text of a key with its arguments, names and values by turns. In
// values everything is escaped that could hide or fake text. A key without a text,
// which only a test should ever see, is shown as it is.
func (c *Catalog) Text(key string, args ...any) string {
	forms := c.texts[key]
	if forms == nil {
		return text.Escape(key, MaxArgument)
	}
	values := map[string]string{}
	form := forms["other"]
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		values[name] = text.Escape(fmt.Sprint(args[i+1]), MaxArgument)
		if name == "n" {
			form = c.form(forms, values[name])
		}
	}
	return placeholder.ReplaceAllStringFunc(form, func(hole string) string {
		if value, ok := values[strings.Trim(hole, "{}")]; ok {
			return value
		}
		return hole
	})
}

// form chooses among the forms of a text by a whole number.
func (c *Catalog) form(forms Forms, number string) string {
	digits := number[max(0, len(number)-7):] // no rule looks at more
	n := 0
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	if len(digits) < len(number) {
		n += 10_000_000
	}
	if form, ok := forms[categories[plural.Cardinal.MatchPlural(c.lang, n, 0, 0, 0, 0)]]; ok {
		return form
	}
	return forms["other"]
}

// Placeholders returns the names of the arguments that a form wants.
func Placeholders(form string) (names []string) {
	for _, hole := range placeholder.FindAllStringSubmatch(form, -1) {
		names = append(names, hole[1])
	}
	return names
}
