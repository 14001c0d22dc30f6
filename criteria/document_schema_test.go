package criteria

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format/formattest"
)

// byDocumentSchema reports whether a document matches the JSON Schema of documents, by the
// evaluator of this package.
func byDocumentSchema(t *testing.T, raw []byte) bool {
	t.Helper()
	var line bytes.Buffer
	if json.Compact(&line, raw) != nil {
		return false
	}
	doc := &Document{
		Version: Version, Title: "t", MediaType: NDJSON, Schema: DocumentSchema(), RecordBytes: Bounds{Max: MaxRecordBytes},
		Fields: []Field{{Pointer: ""}},
	}
	encoded, err := doc.Encode()
	require.NoError(t, err)
	doc, err = Parse(encoded)
	require.NoError(t, err)
	checker, err := NewChecker(doc, nil)
	require.NoError(t, err)
	report, err := checker.Check(context.Background(), formattest.Source(line.Bytes()), nil)
	require.NoError(t, err)
	return report.OK()
}

// What Parse takes matches the schema, and what breaks the schema Parse refuses.
func TestDocumentSchema(t *testing.T) {
	var documents [][]byte
	pages, err := filepath.Glob("../docs/spec/criteria*.md")
	require.NoError(t, err)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile("(?ms)^```json\n(.*?)^```$").FindAllSubmatch(text, -1) {
			documents = append(documents, match[1])
		}
	}
	require.Len(t, documents, 3)
	for _, raw := range documents {
		_, err := Parse(raw)
		require.NoError(t, err)
		require.True(t, byDocumentSchema(t, raw), "%s", raw)
	}
	both := 0
	for _, members := range []string{
		`"rules": [{"name": "a"}],`,
		`"rules": [{"name": "a", "record": "true", "dataset": "true"}],`,
		`"rules": [{"name": "A", "record": "true"}],`,
		`"rules": [{"name": "a", "record": "true", "x": 1}],`,
		`"rules": [{"name": "a", "record": ""}],`,
		`"rules": {},`,
		`"rules": null,`,
		`"other": 1,`,
		`"aggregates": [{"name": "a", "measure": "mean", "pointer": "/id"}],`,
		`"aggregates": [{"name": "records", "measure": "count", "pointer": "/id"}],`,
		`"aggregates": [{"name": "a", "measure": "share", "pointer": "/id"}],`,
		`"aggregates": [{"name": "a", "measure": "sum", "pointer": "/id", "equals": 1}],`,
		`"aggregates": [{"name": "a", "measure": "share", "pointer": "/id", "equals": {}}],`,
		`"aggregates": [{"name": "a", "measure": "sum", "pointer": "id"}],`,
		`"max_overlap_ppm": 1000001,`,
		`"max_overlap_ppm": -1,`,
		`"suppress_below": 10,`,
		`"records": {"least": 1},`,
		`"records": {"min": -1},`,
		`"bytes": {"max": 1099511627777},`,
		`"record_bytes": {"max": 16777217},`,
		`"unique": [[]],`,
		`"unique": ["/id"],`,
		`"assert_formats": 1,`,
		`"description": 1,`,
	} {
		for version := 1; version <= Version; version++ {
			raw := fmt.Appendf(nil, ruleDocument, fmt.Sprint(version), members)
			_, err := Parse(raw)
			require.Error(t, err, members)
			require.False(t, byDocumentSchema(t, raw), members)
			both++
		}
	}
	require.Equal(t, 25*Version, both)
}
