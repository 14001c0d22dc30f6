package integration_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// shared lies beside the repository where there is data to test with.
const shared = "../../shared/data"

// TestSynthea sells records of Synthea's patients under criteria that take the
// whole schema of FHIR R4 by its CID. Of each record only the fields that were
// asked for leave the seller's machine.
func TestSynthea(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile(filepath.Join(shared, "schema", "fhir-r4.schema.json"))
	if os.IsNotExist(err) {
		t.Skip("no FHIR schema and no Synthea records in ../shared beside the repository")
	}
	require.NoError(t, err)
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	seller, sales := m.Sellers[0], map[string]*nodepb.Sale{}
	wanted := map[string][]string{
		"Patient":   {"resourceType", "id", "gender", "birthDate"},
		"Condition": {"resourceType", "id", "clinicalStatus", "code", "subject", "onsetDateTime"},
	}
	for kind, fields := range wanted {
		pool := m.OpenPool(market.Pool{Criteria: fhirCriteria(t, schema, fields), Schemas: [][]byte{schema}})
		m.Pull(pool)
		m.AddFile(seller, kind, syntheaFile(t, kind))
		sales[kind] = m.Sell(seller, pool, kind)
	}
	for kind, fields := range wanted {
		sale := m.WaitSale(seller, sales[kind].Id, pdx.DealFinal)
		pull := m.Bought(sale)
		requireOnly(t, syntheaFile(t, kind), pull.Path, fields)
	}
}

func syntheaFile(t *testing.T, kind string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(shared, "synthea", kind+".ndjson"))
	require.NoError(t, err)
	return path
}

// fhirCriteria asks for some fields of FHIR resources.
func fhirCriteria(t *testing.T, schema []byte, fields []string) []byte {
	t.Helper()
	var asked []map[string]any
	for _, f := range fields {
		asked = append(asked, map[string]any{"pointer": "/" + f, "required": true, "purpose": "The study."})
	}
	raw, err := json.Marshal(map[string]any{
		"version": 1, "title": "Records of FHIR R4", "media_type": "application/x-ndjson",
		"schema": map[string]any{"cid": pdx.ContentID(blake3.Sum256(schema)).String()}, "fields": asked,
	})
	require.NoError(t, err)
	return raw
}

// requireOnly makes sure that a file has, of each record of another, some fields
// with their values and nothing else.
func requireOnly(t *testing.T, whole, part string, fields []string) {
	t.Helper()
	all, disclosed := recordsOf(t, whole), recordsOf(t, part)
	require.Len(t, disclosed, len(all))
	for i, record := range all {
		want := map[string]json.RawMessage{}
		for _, f := range fields {
			if value, ok := record[f]; ok {
				want[f] = value
			}
		}
		require.Equal(t, want, disclosed[i], "record %d", i+1)
	}
}

func recordsOf(t *testing.T, path string) (records []map[string]json.RawMessage) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range bytes.Lines(raw) {
		var record map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(line, &record))
		records = append(records, record)
	}
	return records
}
