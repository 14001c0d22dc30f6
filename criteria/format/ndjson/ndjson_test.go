package ndjson_test

import (
	"testing"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/ndjson"
)

var lines = formattest.Case{
	Format: ndjson.Format{},
	Good:   `{"id":1,"secret":"x"}` + "\n" + ` {"id" : 2,"secret":{"deep":[1,"]\n"]}}` + "\r\n" + `{"id":3,"secret":null}`,
	Records: []string{
		`{"id":1,"secret":"x"}`, `{"id":2,"secret":{"deep":[1,"]\n"]}}`, `{"id":3,"secret":null}`,
	},
	Spoiled: map[string]formattest.Spoiled{
		"blank line": {Data: "{}\n \t\r\n{}", Rule: ndjson.RuleBlank, Record: 2},
		"blank end":  {Data: "{}\n\n", Rule: ndjson.RuleBlank, Record: 2},
	},
	Many: func(n int) format.Source { return formattest.Repeat("", `{"id":1}`+"\n", "", n) },
	Long: func(n int) format.Source { return formattest.Repeat(`{"id":"`, "x", `"}`, n) },
}

func TestNDJSON(t *testing.T) { formattest.Run(t, lines) }

func FuzzNDJSON(f *testing.F) { formattest.Fuzz(f, lines) }
