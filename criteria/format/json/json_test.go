package json_test

import (
	"testing"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/criteria/format/json"
)

var array = formattest.Case{
	Format: json.Format{},
	Good:   ` [ {"id":1,"secret":"],["} , {"id" : 2,"secret":[{}]},` + "\n" + `{"id":3,"secret":"\\\""} ] ` + "\n",
	Records: []string{
		`{"id":1,"secret":"],["}`, `{"id":2,"secret":[{}]}`, `{"id":3,"secret":"\\\""}`,
	},
	Empty: " [ ]\n",
	Spoiled: map[string]formattest.Spoiled{
		"nothing":          {Data: " ", Rule: format.RuleSyntax},
		"no end":           {Data: `[{"id":1},{"id":"SECRET"`, Rule: format.RuleSyntax},
		"no end in a text": {Data: `[{"id":"SECRET`, Rule: format.RuleSyntax},
		"more behind":      {Data: `[{"id":1}] SECRET`, Rule: format.RuleSyntax},
		"no bracket":       {Data: `[`, Rule: format.RuleSyntax},
	},
	Many: func(n int) format.Source { return formattest.Repeat("[", `{"id":1},`, `{"id":1}]`, n-1) },
	Long: func(n int) format.Source { return formattest.Repeat(`[{"id":"`, "x", `"}]`, n) },
}

func TestArray(t *testing.T) { formattest.Run(t, array) }

func TestDocument(t *testing.T) {
	document := array
	document.Good, document.Records = " \n"+`{"id":[1,2],"secret":"x"}`, []string{`{"id":[1,2],"secret":"x"}`}
	document.Long = func(n int) format.Source { return formattest.Repeat(`{"id":"`, "x", `"}`, n) }
	formattest.Run(t, document)
}

func FuzzJSON(f *testing.F) { formattest.Fuzz(f, array) }
