package criteria

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format/formattest"
)

// schemaOf is the schema of a member v with a pattern.
func schemaOf(t *testing.T, pattern string) string {
	t.Helper()
	quoted, err := json.Marshal(pattern)
	require.NoError(t, err)
	return fmt.Sprintf(`{"properties": {"v": {"pattern": %s}}}`, quoted)
}

// TestPatternsOfECMA262 wants patterns that are only spelled in another way to work.
func TestPatternsOfECMA262(t *testing.T) {
	for _, c := range []struct{ pattern, match, other string }{
		{`^[\uAC00-\uD7A3]+$`, "한글", "hangul"},
		{`^\uac00$`, "가", "가가"},
		{`^\uD83D\uDE00$`, "😀", "😁"},
		{`^\u{1F600}$`, "😀", "x"},
		{`^[\u{41}-\u{43}]$`, "B", "D"},
		{`^\p{Script=Hangul}+$`, "한글", "x"},
		{`^\p{sc=Greek}\P{Script=Greek}$`, "αx", "αα"},
		{`^\p{General_Category=Lu}\p{gc=Ll}\p{Letter}$`, "Aax", "aax"},
		{`^\cJ$`, "\n", "J"},
		{`^[\b]$`, "\b", "b"},
		{`^\x41\t\\u$`, "A\t\\u", "A\tu"},
		{`^\d{4}-\d{2}$`, "2024-01", "24-1"},
		{`^\/\-\.$`, "/-.", "x"},
		{`^(?<year>\d+)$`, "12", "x"},
	} {
		s, err := compileSchema(inlineURI, []byte(schemaOf(t, c.pattern)), nil, options{assertFormats: true})
		require.NoError(t, err, c.pattern)
		for text, valid := range map[string]bool{c.match: true, c.other: false} {
			record, err := json.Marshal(map[string]string{"v": text})
			require.NoError(t, err)
			require.Equal(t, valid, evaluate(t, s, record, len(record)).Total == 0, "%s on %q", c.pattern, text)
		}
	}
}

// TestRefusedPatternsSayWhatToWrite wants the first line to name where the pattern is,
// what is missing and what to do.
func TestRefusedPatternsSayWhatToWrite(t *testing.T) {
	for pattern, says := range map[string][]string{
		`^.{1,1024}$`:      {`{1,1024}`, "counts go to 1000", "maxLength", ".{1,1000}.{0,24}"},
		`^(a{500}){500}$`:  {"counts go to 1000", "maxLength"},
		`^(?!0)\d+$`:       {`(?!`, "no look-around", `"not"`, `"allOf"`},
		`^(?=a)b$`:         {`(?=`, "no look-around"},
		`^(?<=a)b$`:        {`(?<=`, "no look-around"},
		`^(?<!a)b$`:        {`(?<!`, "no look-around"},
		`^(a)\1$`:          {`\1`, "no back-references"},
		`^(?<x>a)\k<x>$`:   {`\k`, "no back-references"},
		`^\p{Alphabetic}$`: {`\p{Alphabetic}`, `\p{Hangul}`},
		`^\p{scx=Hang}$`:   {`\p{scx=Hang}`, `\p{Hangul}`},
		`^\uD800$`:         {`\uD800`, "half of a character", `\u{…}`},
		`^\uAC$`:           {`\u needs 4 hexadecimal digits`},
		`^\y$`:             {`\y`, "no such escape", `\x{…}`},
		`^[z-a]$`:          {"z-a", "invalid character class range"},
		`(`:                {"missing closing )"},
	} {
		for _, opts := range []options{{}, {assertFormats: true}} {
			_, err := compileSchema(inlineURI, []byte(schemaOf(t, pattern)), nil, opts)
			require.ErrorIs(t, err, ErrSchema, pattern)
			require.NotContains(t, err.Error(), "\n")
			require.NotContains(t, err.Error(), "metaschema", pattern)
			for _, part := range append(says, "pattern at /properties/v/pattern, ", "RE2") {
				require.ErrorContains(t, err, part, pattern)
			}
		}
	}
	tuple := `{"items": [{"patternProperties": {"(?!x)": {}}}], "$schema": "http://json-schema.org/draft-07/schema#"}`
	_, err := compileSchema(inlineURI, []byte(tuple),
		nil, options{})
	require.ErrorContains(t, err, `pattern at /items/0/patternProperties, "(?!x)": (?!: there is no look-around`)
}

// TestFormatsAreJudgedByTheirRFC goes through a whole check, with what jsonschema by
// itself would take.
func TestFormatsAreJudgedByTheirRFC(t *testing.T) {
	for format, text := range map[string]string{
		"hostname": "xn--X", "time": "+1:00:00Z", "duration": "P1Y2D", "ipv4": "+1.2.3.4", "uri": "https://example.org/<>",
		"email": "\"a\nb\"@example.com", "uri-template": "{a..b}", "regex": `(?!x)`,
	} {
		raw := fmt.Sprintf(`{"version":2,"title":"t","media_type":"application/x-ndjson","assert_formats":true,
			"schema":{"properties":{"v":{"format":%q}}},"fields":[{"pointer":"/v","purpose":"p"}]}`, format)
		record, err := json.Marshal(map[string]string{"v": text})
		require.NoError(t, err)
		report, err := newExample(t, []byte(raw)).Check(context.Background(), formattest.Source(string(record)), nil)
		require.NoError(t, err)
		require.EqualValues(t, 1, report.Total, "%s %q", format, text)
		require.Equal(t, "schema/format", report.Findings[0].Rule)
	}
}
