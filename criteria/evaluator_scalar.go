package criteria

import (
	"bytes"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx/criteria/internal/canonical"
	"github.com/medibloc/pdx/criteria/internal/pattern"
	"github.com/medibloc/pdx/criteria/internal/strict"
	"github.com/medibloc/pdx/criteria/internal/stringformat"
)

// spendText pays for looking at a string or a name; one with an escape is decoded.
func (e *evaluator) spendText(v strict.Value) {
	raw := v.Raw()
	e.meter.spend(1 + len(raw)/bytesPerStep)
	if bytes.IndexByte(raw, '\\') >= 0 {
		e.meter.spend(escapeSteps + len(raw)/bytesPerEscapeStep)
	}
}

func (e *evaluator) text(f *evaluation) {
	t := &f.r.text
	if t.min == nil && t.max == nil && t.pattern == nil {
		return
	}
	e.spendText(f.v)
	text := f.v.Text()
	if t.min != nil || t.max != nil {
		n := utf8.RuneCount(text)
		if t.min != nil && n < *t.min {
			e.fail(f, "minLength")
		}
		if t.max != nil && n > *t.max {
			e.fail(f, "maxLength")
		}
	}
	if t.pattern == nil || f.done() {
		return
	}
	e.meter.spend(len(text) * t.ops / 16)
	if !t.pattern.Match(text) {
		e.fail(f, "pattern")
	}
}

// formatOf is a format with its own check of regular expressions: jsonschema's
// would count those of records as those of the schema.
func formatOf(f *jsonschema.Format) *jsonschema.Format {
	if f == nil || f.Name != "regex" {
		return f
	}
	return &jsonschema.Format{Name: f.Name, Validate: func(v any) error {
		_, _, err := pattern.Compile(v.(string))
		return err
	}}
}

var errFormat = errors.New("another format")

// validateFormat is a format of stringformat as jsonschema wants it.
func validateFormat(name string, v any) error {
	if s, ok := v.(string); ok && !stringformat.Valid(name, s) {
		return errFormat
	}
	return nil
}

// formatted reports whether a string has a format; other values have any. Where
// a check takes many times the memory of the text, a long text has no verdict.
func (e *evaluator) formatted(f *jsonschema.Format, v strict.Value) bool {
	if v.Kind() != '"' {
		return true
	}
	text := v.Text()
	e.meter.spend(1 + len(text)/2)
	limit := maxFormatBytes
	switch f.Name {
	case "regex":
		limit = maxRegexBytes
	case "uri", "iri", "uri-reference", "iri-reference":
		limit = MaxRecordBytes // data: URLs are long; they are parsed without being split up
	}
	if len(text) > limit {
		panic(spent{ErrCost})
	}
	return f.Validate(string(text)) == nil
}

func (e *evaluator) number(f *evaluation) {
	n := &f.r.number
	if !n.used {
		return
	}
	raw := string(f.v.Raw())
	e.meter.spend(4 + magnitude(raw)/4)
	value, ok := new(big.Rat).SetString(raw)
	if !ok { // the scanner has checked the text
		panic(spent{errEvaluator})
	}
	for _, check := range []struct {
		keyword string
		broken  bool
	}{
		{"minimum", n.minimum != nil && value.Cmp(n.minimum) < 0},
		{"maximum", n.maximum != nil && value.Cmp(n.maximum) > 0},
		{"exclusiveMinimum", n.exclusiveMin != nil && value.Cmp(n.exclusiveMin) <= 0},
		{"exclusiveMaximum", n.exclusiveMax != nil && value.Cmp(n.exclusiveMax) >= 0},
		{"multipleOf", n.multipleOf != nil && !new(big.Rat).Quo(value, n.multipleOf).IsInt()},
	} {
		if check.broken {
			e.fail(f, check.keyword)
		}
	}
}

// magnitude is about how many digits a number has when it is written out.
func magnitude(raw string) int {
	if i := strings.IndexAny(raw, "eE"); i >= 0 {
		exponent, _ := strconv.Atoi(raw[i+1:])
		return i + max(exponent, -exponent)
	}
	return len(raw)
}

// isInteger reports whether a number has no fraction, however it is written.
func isInteger(raw string) bool {
	text := canonical.Number(raw)
	_, exponent, _ := strings.Cut(text, "e")
	return !strings.HasPrefix(exponent, "-")
}
