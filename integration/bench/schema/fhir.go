package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/integration/bench"
)

// kinds are the records that are measured.
var kinds = []string{"Patient", "Condition", "Immunization", "Encounter"}

func measureFHIR(ctx context.Context, rival *ajv, schema, records string) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	checker, err := fhir(schema)
	if err != nil {
		return err
	}
	table := bench.Table{
		Name: "schema", Title: "FHIR R4's whole schema, in MB for each second of a processor",
		Columns: []string{"pdx", "Ajv", "Ajv, branch", "pdx / Ajv", "pdx / branch"},
	}
	table.Note("Ajv, branch: the branch of the schema's oneOf that the records are of, named by hand.")
	for _, kind := range kinds {
		file := filepath.Join(records, kind+".ndjson")
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		rates, err := best(
			func() (float64, error) { return rate(ctx, checker, raw) },
			func() (float64, error) { return rival.rate(schema, "", file) },
			func() (float64, error) { return rival.rate(schema, kind, file) },
		)
		if err != nil {
			return err
		}
		table.Add(kind, rates[0], rates[1], rates[2], ratio(rates[0], rates[1]), ratio(rates[0], rates[2]))
	}
	return table.Report()
}

// fhir compiles FHIR's schema, for whole records.
func fhir(name string) (*criteria.Checker, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	doc := &criteria.Document{
		Version: criteria.Version, Title: "FHIR R4", MediaType: criteria.NDJSON, Schema: fmt.Appendf(nil, `{"cid":%q}`, criteria.IDOf(raw)),
		AssertFormats: true, Fields: []criteria.Field{{Purpose: "all"}},
	}
	encoded, err := doc.Encode()
	if err != nil {
		return nil, err
	}
	if doc, err = criteria.Parse(encoded); err != nil {
		return nil, err
	}
	return criteria.NewChecker(doc, criteria.Bundle(raw))
}

// rate is how many MB a processor checks in a second, all of them valid.
func rate(ctx context.Context, checker *criteria.Checker, raw []byte) (float64, error) {
	times := megabytes*1_000_000/len(raw) + 1
	before := bench.Processor()
	for range times {
		report, err := checker.Check(ctx, format.Source{ReaderAt: bytes.NewReader(raw), Size: int64(len(raw))}, nil)
		if err != nil {
			return 0, err
		}
		if !report.OK() {
			return 0, fmt.Errorf("records break the criteria: %v", report.Findings)
		}
	}
	used := bench.Processor() - before
	return float64(times*len(raw)) / 1e6 / used.Seconds(), nil
}
