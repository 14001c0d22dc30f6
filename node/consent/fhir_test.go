package consent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format/formattest"
	"github.com/medibloc/pdx/node/consent"
)

// TestFHIRKeepsToTheSchema checks exports against the JSON Schema of FHIR R4, hostile texts among
// them.
func TestFHIRKeepsToTheSchema(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "schema", "fhir-r4.schema.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the FHIR R4 schema is not on this machine: no ../shared/data beside the repository")
	}
	require.NoError(t, err)
	doc := criteria.Document{
		Version: criteria.Version, Title: "FHIR R4", MediaType: criteria.NDJSON,
		Schema: fmt.Appendf(nil, `{"cid":%q}`, criteria.IDOf(raw).String()),
		Fields: []criteria.Field{{Required: true, Purpose: "test"}}, Unique: [][]string{{"/id"}},
	}
	encoded, err := doc.Encode()
	require.NoError(t, err)
	parsed, err := criteria.Parse(encoded)
	require.NoError(t, err)
	checker, err := criteria.NewChecker(parsed, criteria.Bundle(raw))
	require.NoError(t, err)
	for name, change := range map[string]func(*consent.Agreement){
		"usual":     nil,
		"withdrawn": func(a *consent.Agreement) { a.Withdrawn = time.Unix(1_800_000_050, 0) },
		"no terms":  func(a *consent.Agreement) { a.Terms, a.Agreed = nil, nil },
		"no fields": func(a *consent.Agreement) { a.Fields = nil },
		"hostile": func(a *consent.Agreement) {
			a.Fields = []string{"", "/ x\n"}
			a.Terms = []pdx.Term{{ID: 1, Title: "\u202e\x1b[2J", Description: "\r\n"}, {ID: 2, Title: " ", Description: ""}}
			a.Agreed = []uint32{2}
		},
	} {
		text, err := sign(t, change).FHIR()
		require.NoError(t, err, name)
		var line bytes.Buffer
		require.NoError(t, json.Compact(&line, text))
		line.WriteByte('\n')
		report, err := checker.Check(t.Context(), formattest.Source(line.Bytes()), nil)
		require.NoError(t, err, name)
		require.True(t, report.OK(), "%s: %v\n%s", name, report.Findings, text)
	}
}
